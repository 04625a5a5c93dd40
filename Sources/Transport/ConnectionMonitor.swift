internal import CZeroMQ

/// Tells when a connecting socket has a connection and when it loses it.
final class ConnectionMonitor {
  enum Change: Equatable {
    case connected, disconnected
    /// The other end does not want these keys; libzmq does not try again.
    case refused
  }

  var socket: Socket { monitor.socket }
  private let monitor: SocketMonitor
  private var isConnected = false

  /// Must be made before `monitored` connects, and be used by the same thread.
  init(_ context: Context, of monitored: Socket) throws(TransportError) {
    monitor = try SocketMonitor(
      context, of: monitored,
      events: ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
  }

  /// The next change; nil when there was none since.
  func next() throws(TransportError) -> Change? {
    while let report = try monitor.next() {
      if report.event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH { return .refused }
      let now = report.event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
      if now != isConnected {
        isConnected = now
        return now ? .connected : .disconnected
      }
    }
    return nil
  }
}
