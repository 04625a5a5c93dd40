import BlurKernels
import Coordination
import Messages
import MetaLearning
import Networks
import Numerics

/// What a coordinator tells its workers and its state machine at the beginning.
extension CoordinatorProcess {
  static func welcome(_ run: OpenRun, _ incarnation: Int) throws -> Welcome {
    var random = Philox(key: Philox.key(1, .canary))
    let crop = (0..<MetaTask.cropSide * MetaTask.cropSide * 3).map { _ in
      UInt8(truncatingIfNeeded: random.next())
    }
    let kernel = KernelDistribution.paper.draw(using: &random).values.map(Float.init)
    let content = MetaTask(crop: crop, kernel: kernel, imageNoise: 0, key: random.next()).content(
      intervalWeights: [1])
    return Welcome(
      run: run.identifier, incarnation: incarnation, innerLoop: run.configuration.training.taskLoop.wire,
      canary: Canary(content: content, parametersKey: random.next(), adaptationSteps: 3),
      gradientBound: run.configuration.training.gradientBound)
  }

  static func machineSettings(
    _ configuration: RunConfiguration, welcome: Welcome, programVersion: String
  ) throws -> Configuration {
    let (run, training) = (configuration.run, configuration.training)
    let schedule = Schedule(
      steps: run.steps, batch: training.taskBatchSize,
      evaluationInterval: run.evaluationTasks > 0 ? run.evaluateEvery : 0,
      evaluationCount: max(run.evaluationTasks, 1), block: training.block)
    var policy = Policy()
    policy.divergedShare = run.divergedLimit
    policy.firstPatience *= training.block
    policy.keptResults = keptBytes / (4 * training.taskLoop.trainedRange.count)
    return Configuration(
      run: welcome.run, incarnation: welcome.incarnation, seed: training.seed,
      programVersion: programVersion, architecture: try Architecture.fingerprint(),
      canaryHash: try TaskComputation().run(welcome.canary, InnerLoop(welcome.innerLoop)),
      schedule: schedule, taskSteps: welcome.innerLoop.adaptationSteps * training.block,
      secret: WorkerSecret.prepare(), verifiedShare: run.verify, policy: policy)
  }

  /// What results may take that wait for those before them, in bytes, unless there are very many workers.
  private static let keptBytes = 384 << 20
}

/// The log.
extension CoordinatorProcess {
  func log(_ line: String) { onLine(.info, line) }

  /// A line about what the state machine saw.
  func tell(_ note: Note) {
    switch note.level {
    case .info: onLine(.info, note.description)
    case .warning: onLine(.warning, note.description)
    case .error: onLine(.error, note.description)
    }
  }
}
