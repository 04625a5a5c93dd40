import Messages
import Numerics

/// One of each message, with every optional part present and absent.
enum Samples {
  static let hash = String(repeating: "0123456789abcdef", count: 4)
  static let training = TaskID(RoundID(.training, step: 12), 3)
  static let evaluation = TaskID(RoundID(.evaluation, step: 4000), 63)
  static let origin = Origin(run: "run-1", incarnation: 7, parameters: hash)

  static let registration = Registration(
    worker: "node7-4242-a1", programVersion: "0.1.0", architecture: hash, host: "node7", process: 4242,
    cores: 2, instructionSet: "avx512")
  static let result = TaskResult(
    origin: origin, task: training, gradient: [1, -2.5, .nan, .infinity, -0.0], losses: [0.25],
    timings: .init(computeNanoseconds: 50_000_000, waitNanoseconds: 3))
  static let content = TaskContent(
    side: 4, pixels: (0..<48).map { UInt8($0) }, kernel: [0, 0.25, 0.5, 0.25], key: .max,
    intervalWeights: [0.2, 0.2, 0.2, 0.2, 0.2], kernelNoise: 0.1, imageNoise: 0.04)
  static let innerLoop = InnerLoopSettings(
    adaptationSteps: 25, evaluationInterval: 5, generatorRate: 0.01, discriminatorRate: 0.2,
    sumToOneWeight: 0.5,
    noise: 1 / 255, metaKernelWeight: 1, metaAdversarialWeight: 1, metaSumToOneWeight: 0.5,
    real: .groundTruthSon, foreseenScale: 2, thinning: 0.1, shrinking: 2.5, jpegShare: 0.25, softening: 0.75)
  static let canary = Canary(content: content, parametersKey: 99, adaptationSteps: 2)
  static let welcome = Welcome(
    run: "run-1", incarnation: 1, innerLoop: innerLoop, canary: canary, gradientBound: 1e4)
  static let order = TaskOrder(
    run: "run-1", incarnation: 7, id: training, parameters: hash, contents: [content])
  static let block = TaskID(RoundID(.training, step: 12), 3, block: 2)

  static var fromWorker: [WorkerMessage] {
    var crashed = registration
    crashed.secret = "5ec2e7"
    crashed.crash = Crash(number: 2, signal: 11, run: "run-0", task: evaluation)
    let measured = TaskResult(origin: origin, task: evaluation, gradient: [], losses: [28.5, 41.25])
    return [
      .registration(registration), .registration(crashed), .canary(hash: 0x0123_4567_89AB_CDEF),
      .heartbeat(nil),
      .heartbeat(Work(task: training, stepsDone: 24)), .result(finite), .result(measured),
      .result(TaskResult(origin: origin, task: block, gradient: [1], losses: [2, 3])), .goodbye,
      .report(WorkerReport(.warning, "worker 1 died of signal 11")), .report(WorkerReport(.error, "")),
    ]
  }

  static var fromCoordinator: [CoordinatorMessage] {
    var ahead = order
    ahead.parameters = nil
    let pair = TaskOrder(
      run: "run-1", incarnation: 7, id: block, parameters: hash, contents: [content, content])
    return [
      .welcome(welcome), .parameters(Parameters(origin: origin, step: 12, values: [1, 2, 3])), .task(order),
      .task(ahead), .task(pair), .cancel(training), .cancel(block), .registerAgain,
    ]
      + Rejection.Reason.allCases.map { .rejection(Rejection($0, "because of this")) }
      + [ShutdownReason.finished, .interrupted, .failed].map { .shutdown($0) }
  }

  /// Without NaN, which no value equals.
  static var finite: TaskResult {
    TaskResult(
      origin: origin, task: training, gradient: [1, -2.5, -0.0], losses: [0.25], timings: result.timings)
  }
}

func decodeWorker(_ bytes: [UInt8]) throws(MessageError) -> WorkerMessage {
  var result: Result<WorkerMessage, MessageError>?
  bytes.withUnsafeBytes { buffer in
    result = Result { () throws(MessageError) in try WorkerMessage(decoding: buffer) }
  }
  return try result!.get()
}

func decodeCoordinator(_ bytes: [UInt8]) throws(MessageError) -> CoordinatorMessage {
  var result: Result<CoordinatorMessage, MessageError>?
  bytes.withUnsafeBytes { buffer in
    result = Result { () throws(MessageError) in try CoordinatorMessage(decoding: buffer) }
  }
  return try result!.get()
}
