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
    abstract: "Serve the checkpoints of trainings to estimators, and a page and an API for pictures.",
    discussion: """
      Checkpoints are read-only: clients list the runs and their checkpoints and fetch them. The trainings are not \
      involved; they may be running, over, or not begun yet. New checkpoints are seen within a second. Estimators take \
      them with `estimate --from` and `estimator --from`. Without --runs, only pictures are served, over HTTP.

      Anybody who reaches an address beyond this machine could use HTTP, so there it needs --token-file or --insecure. \
      For TLS, put a proxy in front and name it with --host-name.

      Ends with SIGTERM or SIGINT. Exit codes: 0 so ended; 69 the address cannot be had; 78 a folder, a token file or \
      weights cannot be used.
      """)

  @Option(
    name: .customLong("runs"),
    help: "A run's folder, or the folder that holds such folders; repeatable. (default: none)",
    completion: .directory)
  var folders: [String] = []

  @Option(
    help:
      "Where to serve checkpoints; off: nowhere. (default: tcp://127.0.0.1:5556 with --runs, otherwise off)")
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Where to serve HTTP: the page, the API, metrics; off: nowhere.", valueName: "host:port"))
  var http = "127.0.0.1:8080"

  @OptionGroup var web: HTTPOptions

  @Option(
    help:
      "Weights for /api/v1/super-resolve: a safetensors file of USRNet-tiny or of the enlarger, or closed-form for no network. (default: the shipped enlarger)",
    completion: .file())
  var srWeights: String?

  @Option(help: "Pictures worked on at a time, one core each. (default: the number of cores)")
  var jobs: Int?

  @OptionGroup var security: ServiceKeyOptions

  /// Nil where no checkpoints are served.
  private var publisherAddress: String? {
    listen == "off" || folders.isEmpty ? nil : listen ?? "tcp://127.0.0.1:5556"
  }

  func validate() throws {
    try Address.require(listen, for: .listening)
    try security.requireProtection(of: listen, isOpen: web.insecure)
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs must be from 1 to 1024.") }
    guard !folders.isEmpty || listen == nil || listen == "off" else {
      throw ValidationError("--listen serves the checkpoints of runs; name their folder with --runs.")
    }
    guard publisherAddress != nil || http != "off" else {
      throw ValidationError("Nothing would be served; leave out --http off, or give --runs and --listen.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let log: @Sendable (String) -> Void = { Console.note($0) }
    let runs = folders.isEmpty ? nil : try Publishing.watch(folders, log: log)
    var publisher: CheckpointPublisher?
    if let runs, let publisherAddress {
      publisher = try Publishing.start(runs, publisherAddress, keys: security.load(), log: log)
    }
    let service = try Publishing.startHTTP(
      http, runs, options: web, srWeights: srWeights, jobs: jobs, log: log)
    let ended = DispatchSemaphore(value: 0)
    let signals = Signals { ended.signal() }
    ended.wait()
    signals.stop()
    service?.close()
    publisher?.close()
    runs?.close()
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
  ///
  /// - Parameters:
  ///   - address: `off` for none.
  ///   - runs: nil for none.
  /// - Throws: exit code 69 or 78 with one line.
  static func startHTTP(
    _ address: String, _ runs: RunWatch?, options: HTTPOptions? = nil, srWeights: String? = nil,
    jobs: Int? = nil, log: @escaping @Sendable (String) -> Void
  ) throws -> HTTPService? {
    guard address != "off" else { return nil }
    FileLimit.raise()
    let options = try options ?? HTTPOptions.parse([])
    let jobs = jobs ?? ProcessorCount.available
    do {
      let pictures = try ServedPictures(
        runs, srWeights: srWeights, mostPixels: options.maxMegapixels * 1_000_000, log: log)
      let service = try HTTPService(
        listeningAt: HTTPAddress(address), runs: runs, pictures: pictures,
        options.settings(jobs: jobs, log: log))
      let shown = runs.map { "a page of \($0.summary)" } ?? "the page"
      log("serving \(shown) and the API at \(service.address), usable by \(users(service.address, options))")
      return service
    } catch let error as SuperResolutionError {
      throw Exit.because("\(error)", Exit.configuration)
    } catch {
      throw Exit.because("\(error)", isOfConfiguration(error) ? Exit.configuration : Exit.unavailable)
    }
  }

  private static func isOfConfiguration(_ error: any Error) -> Bool {
    switch error as? ServiceError {
    case .openToAll, .badToken: true
    default: false
    }
  }

  private static func users(_ address: HTTPAddress, _ options: HTTPOptions) -> String {
    if options.tokenFile != nil { return "those who have a token" }
    return address.isLoopback ? "every user of this machine" : "everybody who can reach this address"
  }

  static func readers(_ endpoint: String, _ keys: ServerKeys? = nil) -> String {
    if let file = keys?.allowing { return "those whom \(file) lets in" }
    let isLocal = (try? Address(endpoint, for: .listening))?.isLoopback ?? false
    return isLocal ? "every user of this machine" : "everybody who can reach this address"
  }
}
