import Foundation
import Synchronization
import Testing
import Transport

/// One by one: they count descriptors and depend on the machine keeping up.
@Suite(.serialized) enum TransportTests {}

/// What an end of a connection reported, as values; waited for with a deadline that only a failure meets.
final class Inbox<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func add(_ item: Item) {
    items.withLock { $0.append(item) }
    arrived.signal()
  }

  func next(within seconds: Double = 20) -> Item? {
    guard arrived.wait(timeout: .now() + seconds) == .success else { return nil }
    return items.withLock { $0.removeFirst() }
  }

  /// The next item that `pick` takes; others are passed over.
  func next<Picked>(_ pick: (Item) -> Picked?) -> Picked? {
    while let item = next() {
      if let picked = pick(item) { return picked }
    }
    return nil
  }
}

enum RouterNews: Sendable, Equatable {
  case received(Router.Peer, [UInt8])
  case malformed
  case unreachable(Router.Peer)
  case dropped(String)
  case arrived(Router.Peer, Router.Origin)
  case failed
}

enum DealerNews: Sendable, Equatable {
  case connected, disconnected, refused
  case received([UInt8])
  case failed
}

extension RouterEnd {
  /// The next news that is not an arrival, which most tests do not ask about.
  func nextNews(within seconds: Double = 20) -> RouterNews? {
    while let news = inbox.next(within: seconds) {
      if case .arrived = news { continue }
      return news
    }
    return nil
  }
}

struct RouterEnd: Sendable {
  let router: Router
  let inbox: Inbox<RouterNews>

  init(_ context: Context, at address: String = "tcp://127.0.0.1:*", _ options: SocketOptions = .init())
    throws
  {
    let inbox = Inbox<RouterNews>()
    self.inbox = inbox
    router = try Router(context, listeningAt: address, options) { event in
      switch event {
      case .received(let peer, let bytes): inbox.add(.received(peer, Array(bytes)))
      case .malformed: inbox.add(.malformed)
      case .unreachable(let peer): inbox.add(.unreachable(peer))
      case .dropped(let line): inbox.add(.dropped(line))
      case .arrived(let peer, let origin): inbox.add(.arrived(peer, origin))
      case .failed: inbox.add(.failed)
      }
    }
  }

  func nextMessage() -> (peer: Router.Peer, bytes: [UInt8])? {
    inbox.next { if case .received(let peer, let bytes) = $0 { (peer, bytes) } else { nil } }
  }
}

struct DealerEnd: Sendable {
  let dealer: Dealer
  let inbox: Inbox<DealerNews>

  /// - Parameter gate: called before each message is taken note of, on the dealer's thread.
  init(
    _ context: Context, to address: String, _ options: SocketOptions = .init(),
    gate: @escaping @Sendable () -> Void = {}
  ) throws {
    let inbox = Inbox<DealerNews>()
    self.inbox = inbox
    dealer = try Dealer(context, connectingTo: address, options) { event in
      switch event {
      case .connected: inbox.add(.connected)
      case .disconnected: inbox.add(.disconnected)
      case .refused: inbox.add(.refused)
      case .received(let bytes):
        gate()
        inbox.add(.received(Array(bytes)))
      case .failed: inbox.add(.failed)
      }
    }
  }

  func waitFor(_ news: DealerNews, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(inbox.next { $0 == news ? true : nil } == true, "\(news)", sourceLocation: sourceLocation)
  }

  func nextMessage() -> [UInt8]? { inbox.next { if case .received(let bytes) = $0 { bytes } else { nil } } }
}

/// Both ends connected, and the router knows the dealer's name.
struct Pair {
  let context: Context
  let router: RouterEnd
  let dealer: DealerEnd
  let peer: Router.Peer

  init(_ options: SocketOptions = .init(), gate: @escaping @Sendable () -> Void = {}) throws {
    context = try Context()
    router = try RouterEnd(context, at: "tcp://127.0.0.1:*", options)
    dealer = try DealerEnd(context, to: router.router.endpoint, options, gate: gate)
    dealer.waitFor(.connected)
    dealer.dealer.send([0])
    peer = try #require(router.nextMessage()).peer
  }
}
