import ArgumentParser
import CheckpointExchange
import Checkpoints
import Coordination
import Foundation
import Platform
import RunDirectory
import Service
import Training
import TrainingData
import Transport

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Meta-train on this machine: a coordinator and one worker a core.",
    discussion: """
      The final checkpoint is the same bytes however many workers take part and whatever happens to them; an interrupted \
      run goes on where it was. More machines help with `metakernelgan worker`: listen where they reach it (--listen).

      Exit codes: 0 done; 69 processor too old; 70 the run stopped itself; 73 a checkpoint could not be written; 75 \
      interrupted, start it again; 78 bad configuration or data.
      """)

  @OptionGroup var training: TrainingOptions

  @Option(help: "Worker processes. (default: the number of cores)")
  var workers: Int?

  @Option(
    help:
      "Where to listen for more workers, such as tcp://0.0.0.0:5555. (default: a free port of this machine)")
  var listen = "tcp://127.0.0.1:*"

  func validate() throws {
    try Address.require(listen, for: .listening)
    try training.security.requireProtection(of: listen, isOpen: training.web.insecure)
    guard (0...1024).contains(workers ?? 0) else {
      throw ValidationError("--workers must be from 0 to 1024.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    try TrainingSession(
      training, listen: listen, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount
    )
    .run()
  }
}

struct CoordinatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator",
    abstract: "Coordinate a meta-training whose workers run elsewhere.",
    discussion: "Start any number of `metakernelgan worker --coordinator ADDRESS`. Exit codes as of `train`.")

  @OptionGroup var training: TrainingOptions

  @Option(help: "Where to listen; loopback unless told otherwise.")
  var listen = "tcp://127.0.0.1:5555"

  func validate() throws {
    try Address.require(listen, for: .listening)
    try training.security.requireProtection(of: listen, isOpen: training.web.insecure)
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    try TrainingSession(training, listen: listen, workers: 0).run()
  }
}

/// One training as a process: the coordinator, its own workers, signals, the log and the progress line.
struct TrainingSession {
  private let options: TrainingOptions
  private let listen: String
  private let workers: Int

  init(_ options: TrainingOptions, listen: String, workers: Int) {
    (self.options, self.listen, self.workers) = (options, listen, workers)
  }

  func run() throws {
    let configuration = try options.configuration()
    let log = try TrainingLog(RunFolder(options.run), quiet: options.quiet)
    var process = CoordinatorProcess.Options(
      configuration: configuration, folder: options.run, listen: listen, force: options.force,
      programVersion: MetaKernelGAN.version)
    process.keys = try options.security.loadForTraining(localWorkers: workers)
    let coordinator: CoordinatorProcess
    do {
      coordinator = try CoordinatorProcess(process, log: log.write, onStatus: log.show)
    } catch { throw Exit.because("\(error)", Exit.configuration) }
    log.write("listening at \(coordinator.endpoint)" + (workers > 0 ? ", starting \(workers) workers" : ""))
    let published = try publish(log)
    let signals = Signals(coordinator.interrupt)
    let supervisor = startWorkers(coordinator, log)
    defer {
      supervisor.stop()
      published.close()
      signals.stop()
      log.finish()
    }
    let end: End
    do { end = try coordinator.run() } catch { throw Exit.because("\(error)", Self.code(of: error)) }
    if let last = coordinator.lastCheckpoint, !options.quiet {
      Console.result("\(last) sha256 \(try SHA256.hex(ofFile: last))")
    }
    try throwCode(of: end)
  }

  /// What `--serve` and `--http` ask for.
  private struct Published {
    var publisher: CheckpointPublisher?
    var service: HTTPService?

    func close() {
      service?.close()
      publisher?.close()
    }
  }

  private func publish(_ log: TrainingLog) throws -> Published {
    var published = Published()
    guard options.serve != nil || options.http != nil else { return published }
    let runs = try Publishing.watch([options.run], log: log.write)
    published.publisher = try options.serve.map {
      try Publishing.start(runs, $0, keys: options.security.load(), log: log.write)
    }
    published.service = try options.http.flatMap {
      try Publishing.startHTTP($0, runs, options.web, log: log.write)
    }
    return published
  }

  /// A picture that cannot be read any more may be there again at the next start; a full disk wants somebody's hand.
  private static func code(of error: any Error) -> ExitCode {
    switch error {
    case is TrainingDataError: ExitCode(75)
    case is RunDirectoryError: Exit.cannotCreate
    default: ExitCode(70)
    }
  }

  private func startWorkers(_ coordinator: CoordinatorProcess, _ log: TrainingLog) -> Supervisor {
    let address = try? Address(coordinator.endpoint, for: .listening)
    let endpoint = address?.fromHere ?? coordinator.endpoint
    let supervisor = Supervisor(
      arguments: ComputeCommand.arguments(
        coordinator: endpoint, giveUpAfter: 60, prefix: "local-\(getpid())"),
      log: { log.write($0) })
    supervisor.start(workers)
    return supervisor
  }

  private func throwCode(of end: End) throws {
    switch end {
    case .finished: return
    case .interrupted: throw ExitCode(75)
    case .crashingTask, .diverging, .replayFailed: throw ExitCode(70)
    }
  }
}

/// SIGTERM and SIGINT ask for an orderly end.
final class Signals {
  private let sources: [any DispatchSourceSignal]

  init(_ interrupt: @escaping @Sendable () -> Void) {
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: interrupt)
      source.resume()
      return source
    }
  }

  func stop() { for source in sources { source.cancel() } }
}
