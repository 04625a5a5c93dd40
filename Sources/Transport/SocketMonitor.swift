internal import CZeroMQ
import Synchronization

/// libzmq's reports on a socket's connections. Whoever makes one reads it for as long as it lives: libzmq's own thread
/// waits where reports are not taken.
final class SocketMonitor {
  struct Report {
    let event: Int32
    /// The descriptor of an accepted or lost connection.
    let value: Int32
  }

  let socket: Socket
  private let monitored: Socket

  /// inproc addresses are names within one context.
  private static let number = Atomic<Int>(0)

  /// Must be made before `monitored` binds or connects, and be used by the same thread.
  init(_ context: Context, of monitored: Socket, events: Int32) throws(TransportError) {
    self.monitored = monitored
    let address = "inproc://socket-monitor-\(Self.number.wrappingAdd(1, ordering: .relaxed).newValue)"
    try Attempt(.create, "a socket's monitor").check {
      zmq_socket_monitor(monitored.handle, address, events)
    }
    // Its queue has no limit, so libzmq's thread never waits for ours.
    socket = try Socket(context, type: ZMQ_PAIR, SocketOptions(), name: address)
    try socket.connect()
  }

  deinit { zmq_socket_monitor(monitored.handle, nil, 0) }

  /// The next report; nil where there is none.
  func next() throws(TransportError) -> Report? {
    guard let frames = try socket.receive() else { return nil }
    return frames[0].withBytes(Self.report)
  }

  /// The first frame holds the event's number, 16 bits in the machine's order, and a value (zmq_socket_monitor(3)).
  private static func report(_ frame: UnsafeRawBufferPointer) -> Report {
    guard frame.count >= 6 else { return Report(event: 0, value: 0) }
    return Report(
      event: Int32(frame.loadUnaligned(as: UInt16.self)),
      value: frame.loadUnaligned(fromByteOffset: 2, as: Int32.self))
  }
}
