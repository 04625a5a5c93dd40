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
    router = try Router(context, listeningAt: address, Self.options) { office.handle($0) }
    (self.office, endpoint) = (office, router.endpoint)
    office.work(router)
  }

  deinit { close() }

  /// What is served now, in one line for people.
  public var summary: String {
    let runs = office.served
    let checkpoints = runs.reduce(0) { $0 + $1.checkpoints.count }
    let names = runs.prefix(5).map(\.name).joined(separator: ", ") + (runs.count > 5 ? ", ..." : "")
    return "\(checkpoints) checkpoints of \(runs.count) runs" + (names.isEmpty ? "" : " (\(names))")
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
  private let router = Monitor<Line>(.opening)
  private let told = Mutex<Set<String>>([])
  private let log: @Sendable (String) -> Void

  private enum Line {
    case opening
    case open(Router)
    case closed

    var isClosed: Bool { if case .closed = self { true } else { false } }
  }

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
  func work(_ router: Router) {
    self.router.update { $0 = .open(router) }
    Thread { [self] in
      while self.router.wait(until: Date(timeIntervalSinceNow: Self.pause), for: { $0.isClosed ? true : nil })
        == nil
      {
        scan()
        for (peer, reply) in desk.withLock({ $0.due(now: .now) }) { send(.reply(reply), peer) }
      }
    }.start()
  }

  func close() { router.update { $0 = .closed } }

  /// On the socket's thread.
  func handle(_ event: Router.Event) {
    switch event {
    case .received(let peer, let bytes):
      if let answer = desk.withLock({ $0.answer(bytes, from: peer, now: .now) }) { send(answer, peer) }
    case .unreachable(let peer): desk.withLock { $0.forget(peer) }
    case .malformed: break
    case .failed(let error): log("\(error); no checkpoints are served any more, start this program again")
    }
  }

  private func send(_ answer: PublisherDesk.Answer, _ peer: Router.Peer) {
    let router = router.wait { line -> Router?? in
      switch line {
      case .opening: nil
      case .open(let router): .some(router)
      case .closed: .some(nil)
      }
    }
    switch answer {
    case .reply(let reply): router??.send(reply.encoded(), to: [peer])
    case .shared(let message): router??.send(message, to: [peer])
    }
  }

  private func scan() {
    let (catalogue, leftOut) = scanner.withLock { $0.scan() }
    desk.withLock { $0.update(catalogue) }
    for line in leftOut where told.withLock({ $0.insert(line).inserted }) { log(line) }
  }
}
