internal import CZeroMQ
import Platform
import Synchronization

/// A worker's end: connects to one router, and again whenever the connection breaks, until closed.
///
/// The socket lives on one thread of its own. `send` may be called from any; events come on that thread, in order.
public final class Dealer: Sendable {
  public enum Event {
    /// A connection is there. The router knows nothing of any earlier one, so it is for the handler to introduce
    /// itself.
    case connected
    /// The connection is lost and with it all that was queued, also what came in and was not yet handed out (so
    /// libzmq does under ZMQ_IMMEDIATE): a last message needs an answer before the connection is given up. The next
    /// `connected` may be long in coming.
    case disconnected
    /// The router does not admit this key. It is tried again after some seconds: the key may be entered meanwhile.
    case refused
    /// The bytes are valid for the length of the call.
    case received(UnsafeRawBufferPointer)
    /// The socket does not work any more; nothing follows.
    case failed(TransportError)
  }

  private let outbox: Outbox<[UInt8]>
  private let thread: Mutex<NamedThread?>

  /// Begins to connect to `address`, such as tcp://10.0.0.1:5555, whether or not anybody listens there yet.
  ///
  /// - Parameter handle: called on the socket's thread; must not call `close`.
  /// - Throws: `TransportError`, where the address cannot be one.
  public init(
    _ context: Context, connectingTo address: String, _ options: SocketOptions = SocketOptions(),
    handle: @escaping @Sendable (Event) -> Void
  ) throws(TransportError) {
    let ends = DealerEnds(context: context, address: address, options: options)
    let sockets = try ends.open()
    let wakeUp = try WakeUp()
    outbox = Outbox(isOpen: false, wakeUp)
    let loop = DealerLoop(ends, sockets: sockets, wakeUp: wakeUp, outbox: outbox, handle: handle)
    thread = Mutex(try socketThread("dealer") { loop.run() })
  }

  deinit { close() }

  /// Sends one message over the present connection.
  ///
  /// - Returns: false where there is none, and the message is dropped.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool { outbox.add(bytes) }

  /// Sends what was queued if the router takes it, closes the socket and ends the thread. What the router has not
  /// read by then is still delivered while the context lives, for at most the linger time.
  public func close() {
    outbox.close()
    thread.withLock { $0.take() }?.join()
  }
}

/// Makes a dealer's sockets.
private struct DealerEnds {
  typealias Sockets = (dealer: Socket, monitor: ConnectionMonitor)

  let context: Context
  let address: String
  let options: SocketOptions

  func open() throws(TransportError) -> Sockets {
    let socket = try Socket(context, type: ZMQ_DEALER, options, name: address)
    // Nothing is queued for a connection that is not there: a new one is a new conversation.
    try socket.set(ZMQ_IMMEDIATE, 1)
    let monitor = try ConnectionMonitor(context, of: socket)
    try socket.connect()
    return (socket, monitor)
  }
}

/// What the dealer's thread does. `@unchecked`: made by one thread and used by that of the socket alone.
private final class DealerLoop: @unchecked Sendable {
  private let ends: DealerEnds
  private var sockets: DealerEnds.Sockets?
  private let wakeUp: WakeUp
  private let outbox: Outbox<[UInt8]>
  private let handle: @Sendable (Dealer.Event) -> Void
  /// Taken from the outbox, not yet by libzmq; the first of them next.
  private var backlog: [MessageFrame] = []

  init(
    _ ends: DealerEnds, sockets: DealerEnds.Sockets, wakeUp: WakeUp, outbox: Outbox<[UInt8]>,
    handle: @escaping @Sendable (Dealer.Event) -> Void
  ) {
    (self.ends, self.sockets, self.wakeUp, self.outbox, self.handle) = (ends, sockets, wakeUp, outbox, handle)
  }

  /// Seconds until a router that refused is tried again.
  private static let pause = 5.0

  func run() {
    do {
      while let (socket, monitor) = sockets {
        sockets = nil  // closed at the end of the turn
        if try exchange(socket, monitor) == .closed { return }
        handle(.refused)
        if try !rest() { return }
        sockets = try ends.open()
      }
    } catch { handle(.failed(error)) }
  }

  /// False where it is to end instead.
  private func rest() throws(TransportError) -> Bool {
    let end = Deadline.after(Self.pause)
    while Deadline.now < end {
      try wakeUp.wait(for: [], atMost: max(end.seconds(since: .now), 0.01))
      if outbox.take().isClosed { return false }
    }
    return true
  }

  private enum Turn { case closed, refused }

  private func exchange(_ socket: Socket, _ monitor: ConnectionMonitor) throws(TransportError) -> Turn {
    while true {
      try wakeUp.wait(for: [socket, monitor.socket], sending: !backlog.isEmpty)
      let (messages, isClosed) = outbox.take()
      for message in messages { backlog.append(try MessageFrame(message)) }
      try send(socket)
      if isClosed { return .closed }
      // libzmq itself never tries again.
      if try !followConnection(monitor) { return .refused }
      try receive(socket)
    }
  }

  private func send(_ socket: Socket) throws(TransportError) {
    var sent = 0
    while sent < backlog.count, try socket.send(backlog[sent]) == .sent { sent += 1 }
    backlog.removeFirst(sent)
  }

  /// False where the router refuses.
  private func followConnection(_ monitor: ConnectionMonitor) throws(TransportError) -> Bool {
    while let change = try monitor.next() {
      switch change {
      case .connected:
        outbox.open()
        handle(.connected)
      case .disconnected:
        outbox.shut()
        backlog = []
        handle(.disconnected)
      case .refused: return false
      }
    }
    return true
  }

  /// Takes what is there, but looks after the outbox now and then.
  private func receive(_ socket: Socket) throws(TransportError) {
    for _ in 0..<64 {
      guard let frames = try socket.receive() else { return }
      // A message of several frames is none of ours; its first is as good as any to be refused.
      frames[0].withBytes { handle(.received($0)) }
    }
  }
}
