import ArgumentParser
import CheckpointExchange
import Foundation
import MetaLearning
import Networks
import Platform
import Service
import SuperResolution
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

  @Option(
    help: ArgumentHelp(
      "Where to serve HTTP: the page, the API, metrics; off: nowhere.", valueName: "host:port"))
  var http = "127.0.0.1:8080"

  @Option(
    help:
      "Weights of USRNet-tiny for /api/v1/super-resolve, safetensors. (default: none, the closed form alone)",
    completion: .file())
  var srWeights: String?

  @Option(help: "Pictures worked on at a time, one core each. (default: the number of cores)")
  var jobs: Int?

  @OptionGroup var security: ServiceKeyOptions

  func validate() throws {
    try Address.require(listen, for: .listening)
    try security.requireProtection(of: listen)
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs must be from 1 to 1024.") }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let runs = try Publishing.watch(folders) { Console.note($0) }
    let publisher = try Publishing.start(runs, listen, keys: security.load()) { Console.note($0) }
    let service = try Publishing.startHTTP(http, runs, srWeights: srWeights, jobs: jobs) { Console.note($0) }
    let ended = DispatchSemaphore(value: 0)
    let signals = Signals { ended.signal() }
    ended.wait()
    signals.stop()
    service?.close()
    publisher.close()
  }
}

/// Runs served from within a command.
enum Publishing {
  /// Begins to look at the runs.
  /// - Throws: exit code 78 with one line.
  static func watch(
    _ folders: [String], log: @escaping @Sendable (String) -> Void
  ) throws -> RunWatch {
    do { return try RunWatch(folders, accept: { _ = try TrainingState.read($0) }, log: log) } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
  }

  /// Serves checkpoints over ZeroMQ, and says in one line what is exposed.
  /// - Throws: exit code 69 with one line.
  static func start(
    _ runs: RunWatch, _ address: String, keys: ServerKeys? = nil, log: @escaping @Sendable (String) -> Void
  ) throws -> CheckpointPublisher {
    FileLimit.raise()
    do {
      let publisher = try CheckpointPublisher(
        Context(), runs: runs, listeningAt: address, keys: keys, log: log)
      log(
        "serving \(runs.summary) at \(publisher.endpoint), readable by \(readers(publisher.endpoint, keys))")
      return publisher
    } catch { throw Exit.because("\(error)", Exit.unavailable) }
  }

  /// Serves HTTP, and says in one line what is exposed.
  /// - Throws: exit code 69 or 78 with one line.
  static func startHTTP(
    _ address: String, _ runs: RunWatch, srWeights: String? = nil, jobs: Int? = nil,
    log: @escaping @Sendable (String) -> Void
  ) throws -> HTTPService? {
    guard address != "off" else { return nil }
    FileLimit.raise()
    do {
      let pictures = try ServedPictures(runs, srWeights: srWeights, log: log)
      let limits = Limits(jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
      let service = try HTTPService(listeningAt: HTTPAddress(address), runs: runs, pictures: pictures, limits)
      let users =
        service.address.isLoopback ? "every user of this machine" : "everybody who can reach this address"
      log("serving a page of \(runs.summary) and the API at \(service.address), usable by \(users)")
      return service
    } catch let error as SuperResolutionError {
      throw Exit.because("\(error)", Exit.configuration)
    } catch { throw Exit.because("\(error)", Exit.unavailable) }
  }

  static func readers(_ endpoint: String, _ keys: ServerKeys? = nil) -> String {
    if let file = keys?.allowing { return "those whom \(file) lets in" }
    let isLocal = (try? Address(endpoint, for: .listening))?.isLoopback ?? false
    return isLocal ? "every user of this machine" : "everybody who can reach this address"
  }
}
