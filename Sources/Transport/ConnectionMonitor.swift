internal import CZeroMQ
import Synchronization

/// Tells when a connecting socket has a connection and when it loses it.
final class ConnectionMonitor {
  let socket: Socket
  private let monitored: Socket
  private var isConnected = false

  /// inproc addresses are names within one context.
  private static let number = Atomic<Int>(0)

  /// Must be made before `monitored` connects, and be used by the same thread.
  init(_ context: Context, of monitored: Socket) throws(TransportError) {
    self.monitored = monitored
    let address = "inproc://connection-monitor-\(Self.number.wrappingAdd(1, ordering: .relaxed).newValue)"
    try Attempt(.create, "a connection monitor").check {
      zmq_socket_monitor(monitored.handle, address, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED)
    }
    socket = try Socket(context, type: ZMQ_PAIR, SocketOptions(), name: address)
    try socket.connect()
  }

  deinit { zmq_socket_monitor(monitored.handle, nil, 0) }

  /// The next change; nil when there was none since.
  func next() throws(TransportError) -> Bool? {
    while let frames = try socket.receive() {
      let now = frames[0].withBytes(Self.event) == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
      if now != isConnected {
        isConnected = now
        return now
      }
    }
    return nil
  }

  /// The first frame holds the event's number, 16 bits in the machine's order, and a value (zmq_socket_monitor(3)).
  private static func event(_ frame: UnsafeRawBufferPointer) -> Int32 {
    frame.count < 2 ? 0 : Int32(frame.loadUnaligned(as: UInt16.self))
  }
}
