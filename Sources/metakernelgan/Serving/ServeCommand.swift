import ArgumentParser
import CheckpointExchange
import Foundation
import KernelGAN
import MetaLearning
import Transport

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the checkpoints of trainings to estimators.",
    discussion: """
      Read-only: whoever connects is told which runs and checkpoints there are and gets them. Nothing is asked of the \
      trainings, which may be running, over, or not begun yet; new checkpoints are seen within a second. Estimators take \
      them with `estimate --from` and `estimator --from`.

      Ends with SIGTERM or SIGINT. Exit codes: 0 so ended; 69 the address cannot be had; 78 a folder cannot be read.
      """)

  @Option(
    name: .customLong("runs"), help: "A run's folder, or the folder that holds such folders; repeatable.",
    completion: .directory)
  var folders: [String]

  @Option(help: "Where to listen; loopback unless told otherwise.")
  var listen = "tcp://127.0.0.1:5556"

  func run() throws {
    let publisher = try Publishing.start(folders, listen) { Console.note($0) }
    let ended = DispatchSemaphore(value: 0)
    let signals = Signals { ended.signal() }
    ended.wait()
    signals.stop()
    publisher.close()
  }
}

/// Checkpoints served from within a command.
enum Publishing {
  /// Begins, and says in one line what is exposed.
  /// - Throws: exit code 69 or 78 with one line.
  static func start(
    _ folders: [String], _ address: String, log: @escaping @Sendable (String) -> Void
  ) throws -> CheckpointPublisher {
    FileLimit.raise()
    do {
      let publisher = try CheckpointPublisher(
        Context(), runs: folders, listeningAt: address, accept: { _ = try TrainingState.read($0) }, log: log)
      log("serving \(publisher.summary) at \(publisher.endpoint), readable by \(readers(publisher.endpoint))")
      return publisher
    } catch let error as TransportError {
      throw Exit.because("\(error)", Exit.unavailable)
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }

  static func readers(_ endpoint: String) -> String {
    let isLocal = ["tcp://127.", "tcp://[::1]", "ipc://"].contains { endpoint.hasPrefix($0) }
    return isLocal ? "every user of this machine" : "everybody who can reach this address"
  }
}
