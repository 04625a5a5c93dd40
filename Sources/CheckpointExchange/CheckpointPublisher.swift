import Foundation
import Messages
import Synchronization
public import Transport

/// Serves the checkpoints of run directories: who asks is told what there is and gets it in chunks, nothing more. Reads
/// the folders as they are, without their leases, and looks for new checkpoints four times a second.
public final class CheckpointPublisher: Sendable {
  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String
  private let office: Office
  private let router: Router

  /// Reads every checkpoint once, then listens.
  ///
  /// - Parameters:
  ///   - folders: each a run's folder, or the parent of such; what comes into being there later is served too.
  ///   - address: such as tcp://127.0.0.1:5556.
  ///   - accept: throws where a file is no good checkpoint; it is then not served.
  ///   - log: told, once, of each thing that is left out, and where the socket fails. Called on other threads.
  /// - Throws: `ExchangeError.noRuns`, `TransportError`.
  public init(
    _ context: Context, runs folders: [String], listeningAt address: String,
    accept: @escaping @Sendable (String) throws -> Void, log: @escaping @Sendable (String) -> Void
  ) throws {
    let office = Office(RunScanner(folders, accept: accept), log)
    try office.open()
    router = try Router(context, listeningAt: address, Self.options) { office.handle($0, $1) }
    (self.office, endpoint) = (office, router.endpoint)
    office.work(router.outlet)
  }

  deinit { close() }

  /// What is served now, in one line for people.
  public var summary: String {
    let runs = office.served
    let checkpoints = runs.reduce(0) { $0 + $1.checkpoints.count }
    let names = runs.prefix(5).map(\.name).joined(separator: ", ") + (runs.count > 5 ? ", ..." : "")
    func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
    return "\(count(checkpoints, "checkpoint")) of \(count(runs.count, "run"))"
      + (names.isEmpty ? "" : " (\(names))")
  }

  /// Ends at once; what was being sent goes on for at most the linger time.
  public func close() {
    office.close()
    router.close()
  }

  /// Requests are small. A peer that does not read may have a few chunks queued, which share their bytes with all
  /// others; what goes beyond is dropped, and it may ask again.
  private static var options: SocketOptions {
    var options = SocketOptions()
    options.largestMessage = 4 << 10
    options.sendQueue = 16
    return options
  }
}

/// The publisher's state, used by the socket's thread and the one that scans.
private final class Office: Sendable {
  private let desk = Mutex(PublisherDesk())
  private let scanner: Mutex<RunScanner>
  private let isClosed = Monitor(false)
  private let told = Mutex<Set<String>>([])
  private let log: @Sendable (String) -> Void

  private static let pause = 0.25

  init(_ scanner: sending RunScanner, _ log: @escaping @Sendable (String) -> Void) {
    self.scanner = Mutex(scanner)
    self.log = log
  }

  var served: [ServedRun] { desk.withLock { $0.catalogue.served } }

  func open() throws(ExchangeError) {
    try scanner.withLock { (scanner) throws(ExchangeError) in try scanner.checkFolders() }
    scan()
  }

  /// Scans now and then until closed.
  func work(_ outlet: Router.Outlet) {
    Thread { [self] in
      while isClosed.wait(until: Date(timeIntervalSinceNow: Self.pause), for: { $0 ? true : nil }) == nil {
        scan()
        for (peer, reply) in desk.withLock({ $0.due(now: .now) }) { outlet.send(reply.encoded(), to: [peer]) }
      }
    }.start()
  }

  func close() { isClosed.update { $0 = true } }

  /// On the socket's thread.
  func handle(_ event: Router.Event, _ outlet: Router.Outlet) {
    switch event {
    case .received(let peer, let bytes):
      switch desk.withLock({ $0.answer(bytes, from: peer, now: .now) }) {
      case .reply(let reply): outlet.send(reply.encoded(), to: [peer])
      case .shared(let message): outlet.send(message, to: [peer])
      case nil: break
      }
    case .unreachable(let peer): desk.withLock { $0.forget(peer) }
    case .malformed: break
    case .failed(let error): log("\(error); no checkpoints are served any more, start this program again")
    }
  }

  private func scan() {
    let (catalogue, leftOut) = scanner.withLock { $0.scan() }
    desk.withLock { $0.update(catalogue) }
    for line in leftOut where told.withLock({ $0.insert(line).inserted }) { log(line) }
  }
}
