internal import CZeroMQ
import Platform
import Synchronization

/// The coordinator's end: one address that any number of dealers connect to. Peers are named by libzmq, a new name for
/// each connection, so none can take over another's (ROUTER_HANDOVER stays off).
///
/// The socket lives on one thread of its own. `send` may be called from any; events come on that thread, those of one
/// peer in the order of its messages. A handler that takes its time makes the peers wait, which bounds memory.
public final class Router: Sendable {
  /// A connection, by the name that libzmq gave it. A peer that connects again has another: what was sent before may
  /// be lost, so it is a new conversation.
  public typealias Peer = [UInt8]

  public enum Event {
    /// The bytes are valid for the length of the call.
    case received(from: Peer, UnsafeRawBufferPointer)
    /// A message of none or several frames, which no dealer of ours sends.
    case malformed(from: Peer)
    /// A message could not be sent and is dropped: the connection is gone, or its queue is full because the peer
    /// does not read.
    case unreachable(Peer)
    /// The socket does not work any more; nothing follows.
    case failed(TransportError)
  }

  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String

  /// Where messages are put to be sent, also by an event's handler while the router is still being made.
  public struct Outlet: Sendable {
    fileprivate let outbox: Outbox<Outgoing>

    /// Sends one message to each of `peers`; its bytes are kept once, however many there are. A peer that cannot be
    /// reached becomes an event. Ignored after `close`.
    public func send(_ bytes: [UInt8], to peers: [Peer]) {
      _ = outbox.add(Outgoing(content: .bytes(bytes), peers: peers))
    }

    /// Sends one message that was made before, perhaps to others; its bytes are not copied.
    public func send(_ message: SharedMessage, to peers: [Peer]) {
      _ = outbox.add(Outgoing(content: .shared(message), peers: peers))
    }
  }

  public let outlet: Outlet
  private let thread: Mutex<NamedThread?>

  /// Listens at `address`, such as tcp://0.0.0.0:5555.
  ///
  /// - Parameter handle: called on the socket's thread; must not call `close`.
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
    let socket = try Socket(context, type: ZMQ_ROUTER, options, name: address)
    try socket.set(ZMQ_ROUTER_MANDATORY, 1)
    try socket.bind()
    endpoint = try socket.lastEndpoint()
    let wakeUp = try WakeUp()
    let outlet = Outlet(outbox: Outbox(isOpen: true, wakeUp))
    self.outlet = outlet
    let loop = RouterLoop(socket, wakeUp, outlet.outbox) { answer($0, outlet) }
    thread = Mutex(try socketThread("router") { loop.run() })
  }

  deinit { close() }

  /// As `outlet` does.
  public func send(_ bytes: [UInt8], to peers: [Peer]) { outlet.send(bytes, to: peers) }

  /// Sends what was queued, closes the socket and ends the thread. What a peer has not read by then is still
  /// delivered in the background, for at most the linger time; the end of the context waits for that and frees the
  /// port.
  public func close() {
    outlet.outbox.close()
    thread.withLock { $0.take() }?.join()
  }
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
}

/// What the router's thread does. `@unchecked`: made by one thread and used by that of the socket alone.
private final class RouterLoop: @unchecked Sendable {
  private var socket: Socket?
  private let wakeUp: WakeUp
  private let outbox: Outbox<Outgoing>
  private let handle: @Sendable (Router.Event) -> Void

  init(
    _ socket: Socket, _ wakeUp: WakeUp, _ outbox: Outbox<Outgoing>,
    _ handle: @escaping @Sendable (Router.Event) -> Void
  ) {
    (self.socket, self.wakeUp, self.outbox, self.handle) = (socket, wakeUp, outbox, handle)
  }

  func run() {
    guard let socket else { return }
    self.socket = nil  // closed when this function ends
    do { try exchange(socket) } catch { handle(.failed(error)) }
  }

  private func exchange(_ socket: Socket) throws(TransportError) {
    while true {
      try wakeUp.wait(for: [socket])
      let (messages, isClosed) = outbox.take()
      for message in messages { try send(message, socket) }
      if isClosed { return }
      try receive(socket)
    }
  }

  private func send(_ message: Outgoing, _ socket: Socket) throws(TransportError) {
    let content = try message.content.frame()
    for peer in message.peers {
      guard try socket.send(Frame(peer), last: false) == .sent,
        try socket.send(Frame(sharing: content)) == .sent
      else {
        handle(.unreachable(peer))
        continue
      }
    }
  }

  /// Takes what is there, but looks after the outbox now and then.
  private func receive(_ socket: Socket) throws(TransportError) {
    for _ in 0..<64 {
      guard let frames = try socket.receive() else { return }
      let peer = frames[0].withBytes { Router.Peer($0) }
      if frames.count == 2 {
        frames[1].withBytes { handle(.received(from: peer, $0)) }
      } else {
        handle(.malformed(from: peer))
      }
    }
  }
}
