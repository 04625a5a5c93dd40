import Foundation
import Messages
import Synchronization
public import Transport

/// Serves the checkpoints of run directories: who asks is told what there is and gets it in chunks, nothing more.
public final class CheckpointPublisher: Sendable {
  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String
  private let router: Router
  private let runs: RunWatch

  /// - Parameters:
  ///   - runs: what is served.
  ///   - address: such as tcp://127.0.0.1:5556.
  ///   - keys: who is let in; nil: whoever reaches the address.
  ///   - log: told where the socket fails. Called on another thread.
  /// - Throws: `TransportError`, `KeyError`.
  public init(
    _ context: Context, runs: RunWatch, listeningAt address: String, keys: ServerKeys? = nil,
    log: @escaping @Sendable (String) -> Void
  ) throws {
    let office = Office(runs.now, log)
    var options = Self.options
    options.security = try keys.guarding(context, as: .reader, log: log)
    router = try Router(context, listeningAt: address, options) { office.handle($0, $1) }
    (self.runs, endpoint) = (runs, router.endpoint)
    runs.follow { [outlet = router.outlet] in office.update($0, outlet) }
  }

  deinit { close() }

  /// Ends at once; what was being sent goes on for at most the linger time.
  public func close() { router.close() }

  /// Requests are small. A peer that does not read may have a few chunks queued, which share their bytes with all
  /// others; what goes beyond is dropped, and it may ask again.
  private static var options: SocketOptions {
    var options = SocketOptions()
    options.largestMessage = 4 << 10
    options.sendQueue = 16
    return options
  }
}

/// The publisher's state, used by the socket's thread and the one that looks at the runs.
private final class Office: Sendable {
  private let desk: Mutex<PublisherDesk>
  private let log: @Sendable (String) -> Void

  init(_ catalogue: Catalogue, _ log: @escaping @Sendable (String) -> Void) {
    var desk = PublisherDesk()
    desk.update(catalogue)
    self.desk = Mutex(desk)
    self.log = log
  }

  /// Takes what there is now, and answers those who waited for it.
  func update(_ catalogue: Catalogue, _ outlet: Router.Outlet) {
    let due = desk.withLock { desk in
      desk.update(catalogue)
      return desk.due(now: .now)
    }
    for (peer, reply) in due { outlet.send(reply.encoded(), to: [peer]) }
  }

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
    case .arrived, .malformed: break
    case .dropped(let line): log(line)
    case .failed(let error): log("\(error); no checkpoints are served any more, start this program again")
    }
  }
}
