internal import CZeroMQ
import Platform
import Synchronization

/// The coordinator's end: one address that any number of dealers connect to. Peers are named by libzmq, a new name for
/// each connection, so none can take over another's (ROUTER_HANDOVER stays off).
///
/// The socket lives on one thread of its own, which takes in whatever comes and never waits for anybody; the handler runs
/// on a second one. `send` may be called from any. Memory is bounded by `SocketOptions.budget`: a peer that sends more than
/// is handled, never ends a message, or does not read what it is sent loses its connection.
public final class Router: Sendable {
  /// A connection, by the name that libzmq gave it. A peer that connects again has another: what was sent before may
  /// be lost, so it is a new conversation.
  public typealias Peer = [UInt8]

  /// What the connection itself tells of a peer, whatever that says of itself.
  public struct Origin: Sendable, Equatable {
    /// Its address without the port, as 10.0.0.7; empty where there is none.
    public var address = ""
    /// The name that its key is known under; nil without keys.
    public var user: String?

    public init(address: String = "", user: String? = nil) { (self.address, self.user) = (address, user) }
  }

  public enum Event {
    /// A peer's first message follows.
    case arrived(Peer, Origin)
    /// The bytes are valid for the length of the call.
    case received(from: Peer, UnsafeRawBufferPointer)
    /// A message of none or several frames, which no dealer of ours sends.
    case malformed(from: Peer)
    /// The connection is gone; or a message could not be sent and is dropped because the peer's queue is full. May come
    /// more than once.
    case unreachable(Peer)
    /// Connections were cut that went beyond the budget: a line for the log, one a second at most.
    case dropped(String)
    /// The socket does not work any more; nothing follows.
    case failed(TransportError)
  }

  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String

  /// Where messages are put to be sent, also by an event's handler while the router is still being made.
  public struct Outlet: Sendable {
    fileprivate let outbox: Outbox<Outgoing>
    fileprivate let backlog: Backlog

    /// Sends one message to each of `peers`; its bytes are kept once, however many there are. A peer that cannot be
    /// reached becomes an event. Ignored after `close`.
    public func send(_ bytes: [UInt8], to peers: [Peer]) {
      backlog.queued.add(bytes.count, ordering: .relaxed)
      _ = outbox.add(Outgoing(content: .bytes(bytes), peers: peers))
    }

    /// Sends one message that was made before, perhaps to others; its bytes are not copied.
    public func send(_ message: SharedMessage, to peers: [Peer]) {
      _ = outbox.add(Outgoing(content: .shared(message), peers: peers))
    }
  }

  public let outlet: Outlet
  private let arrivals: Arrivals
  private let threads: Mutex<[NamedThread]>

  /// Listens at `address`, such as tcp://0.0.0.0:5555.
  ///
  /// - Parameter handle: called on a thread of the router's; must not call `close`.
  /// - Throws: `TransportError`, where the address cannot be had.
  public convenience init(
    _ context: Context, listeningAt address: String, _ options: SocketOptions = SocketOptions(),
    handle: @escaping @Sendable (Event) -> Void
  ) throws(TransportError) {
    try self.init(context, listeningAt: address, options) { event, _ in handle(event) }
  }

  /// As above, for a handler that answers by itself.
  public init(
    _ context: Context, listeningAt address: String, _ options: SocketOptions = SocketOptions(),
    answer: @escaping @Sendable (Event, Outlet) -> Void
  ) throws(TransportError) {
    var options = options
    options.receiveQueue = 0
    FileLimit.raise()
    options.budget.connections = FileLimit.connections(atMost: options.budget.connections)
    let socket = try Socket(context, type: ZMQ_ROUTER, options, name: address)
    try socket.set(ZMQ_ROUTER_MANDATORY, 1)
    let monitor = try SocketMonitor(context, of: socket, events: RouterLoop.events)
    try socket.bind()
    endpoint = try socket.lastEndpoint()
    let wakeUp = try WakeUp()
    let outlet = Outlet(outbox: Outbox(isOpen: true, wakeUp), backlog: Backlog())
    let arrivals = Arrivals(options.budget)
    (self.outlet, self.arrivals) = (outlet, arrivals)
    let loop = RouterLoop(socket, monitor, wakeUp, outlet.outbox, outlet.backlog, arrivals, options)
    let first = try socketThread("router") { loop.run() }
    do {
      let second = try socketThread("router-handler") {
        while let next = arrivals.next() { Self.pass(next) { answer($0, outlet) } }
      }
      threads = Mutex([first, second])
    } catch {
      outlet.outbox.close()
      first.join()
      throw error
    }
  }

  deinit { close() }

  private static func pass(_ next: Arrivals.Next, _ answer: (Event) -> Void) {
    switch next {
    case .failed(let error): answer(.failed(error))
    case .item(let peer, .arrived(let origin)): answer(.arrived(peer, origin))
    case .item(let peer, .unreachable): answer(.unreachable(peer))
    case .item(_, .dropped(let line)): answer(.dropped(line))
    case .item(let peer, .message(let frames)):
      if frames.count == 1 {
        frames[0].withBytes { answer(.received(from: peer, $0)) }
      } else {
        answer(.malformed(from: peer))
      }
    }
  }

  /// Bytes of messages for one peer each that wait here or that peers have not acknowledged yet, as of the last tenth of a
  /// second; so that whoever has much to send can do it bit by bit.
  public var unread: Int {
    outlet.backlog.queued.load(ordering: .relaxed) + outlet.backlog.unread.load(ordering: .relaxed)
  }

  /// As `outlet` does.
  public func send(_ bytes: [UInt8], to peers: [Peer]) { outlet.send(bytes, to: peers) }

  /// Sends what was queued, closes the socket and ends the threads. What a peer has not read by then is still
  /// delivered in the background, for at most the linger time; the end of the context waits for that and frees the
  /// port.
  public func close() {
    outlet.outbox.close()
    arrivals.close()
    let running = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in running { thread.join() }
  }
}

/// How much is on its way out, for any thread to look at.
final class Backlog: Sendable {
  /// Bytes that the socket's thread has not taken yet.
  let queued = Atomic(0)
  /// `Ledger.unread`.
  let unread = Atomic(0)
}

struct Outgoing: Sendable {
  enum Content: Sendable {
    case bytes([UInt8])
    case shared(SharedMessage)

    func frame() throws(TransportError) -> Frame {
      switch self {
      case .bytes(let bytes): try Frame(bytes)
      case .shared(let message): try message.frame()
      }
    }
  }

  let content: Content
  let peers: [Router.Peer]

  /// Whether its bytes are kept once for several peers.
  var isShared: Bool { if case .shared = content { true } else { peers.count > 1 } }
}
