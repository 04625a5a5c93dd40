import ArgumentParser
import CheckpointExchange
import Checkpoints
import Coordination
import Foundation
import Platform
import RunDirectory
import Service
import Synchronization
import Training
import TrainingData
import Transport

/// One training as a process: the coordinator, its own workers, signals, the log and the progress line.
struct TrainingSession {
  private let options: TrainingOptions
  private let listen: String
  private let workers: Int

  init(_ options: TrainingOptions, listen: String, workers: Int) {
    (self.options, self.listen, self.workers) = (options, listen, workers)
  }

  func run() throws {
    try Exit.unlessResources(
      files: 48 + Supervisor.filesEach * workers, threads: 8 + Supervisor.threadsEach * workers)
    // Both change the environment, so they come before threads that read it.
    WorkerSecret.prepare()
    let keys = try options.security.loadForTraining(localWorkers: workers)
    let configuration = try options.configuration()
    Heap.keepLargeBlocks()
    let (controls, folder) = (SessionControls(), RunFolder(options.run))
    let signals = Signals(each: controls.take)
    let fresh = FreshFolder(folder)
    let log = try TrainingLog(folder, quiet: options.quiet, asJSON: options.jsonLog)
    let coordinator: CoordinatorProcess
    do { coordinator = try open(configuration, keys, log: log) } catch {
      if !Self.isTaken(error) { fresh.remove() }
      throw log.failure(error, Self.code(ofOpening: error))
    }
    controls.direct(to: coordinator.controls)
    log.write("listening at \(coordinator.endpoint)" + (workers > 0 ? ", starting \(workers) workers" : ""))
    let published = try publish(log)
    let supervisor = startWorkers(coordinator, log)
    defer {
      supervisor.stop()
      published.close()
      signals.stop()
      log.finish()
    }
    let end: End
    do { end = try coordinator.run() } catch { throw log.failure(error, Self.code(ofRunning: error)) }
    if let last = coordinator.lastCheckpoint {
      log.conclude(with: "\(last) sha256 \(try SHA256.hex(ofFile: last))")
    }
    try throwCode(of: end)
  }

  private func open(
    _ configuration: RunConfiguration, _ keys: ServerKeys?, log: TrainingLog
  ) throws -> CoordinatorProcess {
    var settings = CoordinatorProcess.Options(
      configuration: configuration, folder: options.run, listen: listen,
      programVersion: MetaKernelGAN.version)
    (settings.force, settings.advertise) = (options.force, options.advertise)
    (settings.waitForLease, settings.keys) = (options.waitForLease, keys)
    return try CoordinatorProcess(settings, onLine: { log.write($1, $0) }, onStatus: log.show)
  }

  /// What `--serve` and `--http` ask for.
  private struct Published {
    var runs: RunWatch?
    var publisher: CheckpointPublisher?
    var service: HTTPService?

    /// All threads have ended when this returns: the process may end.
    func close() {
      service?.close()
      publisher?.close()
      runs?.close()
    }
  }

  private func publish(_ log: TrainingLog) throws -> Published {
    var published = Published()
    guard options.serve != nil || options.http != nil else { return published }
    let runs = try Publishing.watch([options.run], log: { log.write($0) })
    published.runs = runs
    published.publisher = try options.serve.map {
      try Publishing.start(runs, $0, keys: options.security.load(), log: { log.write($0) })
    }
    published.service = try options.http.flatMap {
      try Publishing.startHTTP($0, runs, options.web, log: { log.write($0) })
    }
    return published
  }

  private func startWorkers(_ coordinator: CoordinatorProcess, _ log: TrainingLog) -> Supervisor {
    let controls = coordinator.controls
    let supervisor = Supervisor(
      arguments: ComputeCommand.arguments(
        .init(coordinator: coordinator.localEndpoint), giveUpAfter: 60, prefix: "local-\(getpid())",
        isRemote: false),
      log: { log.write($0, .warning) },
      onDeserted: { code in
        controls.noteDesertion("all workers of this machine have ended for good, the first with code \(code)")
      })
    supervisor.start(workers)
    return supervisor
  }
}

extension TrainingSession {
  private static func isTaken(_ error: any Error) -> Bool {
    if case RunDirectoryError.leaseTaken = error { true } else { false }
  }

  private static func code(ofOpening error: any Error) -> ExitCode {
    switch error {
    case RunDirectoryError.leaseTaken: Exit.tryAgain
    case TrainingDataError.diskFull: Exit.cannotCreate
    case is TransportError, is ThreadError: Exit.unavailable
    default: Exit.configuration
    }
  }

  /// A picture that cannot be read any more may be there again at the next start; a full disk wants somebody's hand.
  private static func code(ofRunning error: any Error) -> ExitCode {
    switch error {
    case is TrainingDataError: Exit.tryAgain
    case is RunDirectoryError: Exit.cannotCreate
    default: Exit.stopped
    }
  }

  private func throwCode(of end: End) throws {
    switch end {
    case .finished: return
    case .interrupted: throw Exit.tryAgain
    case .crashingTask, .diverging, .replayFailed: throw Exit.stopped
    }
  }
}

/// What signals mean to a training, from before it has begun.
private final class SessionControls: Sendable {
  private let coordinator = Mutex<CoordinatorProcess.Controls?>(nil)

  func direct(to controls: CoordinatorProcess.Controls) { coordinator.withLock { $0 = controls } }

  /// Nothing is lost yet where the training has not begun: it ends at once, with the code that has it started again.
  func take(_ number: Int32) {
    let controls = coordinator.withLock { $0 }
    if number == SIGUSR1 {
      controls?.save()
    } else if let controls {
      controls.interrupt()
    } else {
      Console.complain("interrupted before the training began")
      _exit(Exit.tryAgain.rawValue)
    }
  }
}
