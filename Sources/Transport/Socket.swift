internal import CZeroMQ
import Foundation

/// Owner of one libzmq socket. Not thread-safe, as libzmq's sockets are not: made by one thread, then handed whole
/// to the thread that uses and closes it.
final class Socket {
  let handle: UnsafeMutableRawPointer
  /// In errors: the address it is bound or connected to.
  private var name: String
  private let context: Context

  init(_ context: Context, type: Int32, _ options: SocketOptions, name: String) throws(TransportError) {
    self.context = context
    self.name = name
    handle = try Attempt(.create, "a socket for \(name)").pointer { zmq_socket(context.handle, type) }
    try apply(options)
  }

  deinit { zmq_close(handle) }

  func set(_ option: Int32, _ value: Int32) throws(TransportError) {
    var value = value
    try Attempt(.configure, name).check {
      zmq_setsockopt(handle, option, &value, MemoryLayout.size(ofValue: value))
    }
  }

  private func apply(_ options: SocketOptions) throws(TransportError) {
    try set(ZMQ_LINGER, options.linger.milliseconds)
    try set(ZMQ_SNDHWM, options.sendQueue)
    try set(ZMQ_RCVHWM, options.receiveQueue)
    try set(ZMQ_HEARTBEAT_IVL, options.probeInterval.milliseconds)
    try set(ZMQ_HEARTBEAT_TIMEOUT, options.probeTimeout.milliseconds)
    try set(ZMQ_RECONNECT_IVL, options.reconnectInterval.lowerBound.milliseconds)
    try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectInterval.upperBound.milliseconds)
    // Naming a domain (RFC 27) makes libzmq turn away peers of ZMTP 1 and 2, as which it takes whatever strangers say.
    // A socket that closes during their handshake would abort the process (libzmq 4.3.4, process_routing_id_msg).
    try Attempt(.configure, name).check { zmq_setsockopt(handle, ZMQ_ZAP_DOMAIN, "metakernelgan", 13) }
    var largest = Int64(options.largestMessage)
    try Attempt(.configure, name).check {
      zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &largest, MemoryLayout.size(ofValue: largest))
    }
  }

  func bind() throws(TransportError) {
    try Attempt(.listen, name).check { zmq_bind(handle, name) }
    name = try lastEndpoint()
  }

  func connect() throws(TransportError) { try Attempt(.connect, name).check { zmq_connect(handle, name) } }

  /// The address bound to, with the port that the system chose where it was asked to.
  func lastEndpoint() throws(TransportError) -> String {
    var text = [CChar](repeating: 0, count: 256)
    var count = text.count
    try Attempt(.configure, name).check { zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &count) }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  enum Sending { case sent, full, unreachable }

  /// Never blocks. `last` is false where more frames of the same message follow. A frame that was sent is empty after.
  func send(_ frame: Frame, last: Bool = true) throws(TransportError) -> Sending {
    let flags = ZMQ_DONTWAIT | (last ? 0 : ZMQ_SNDMORE)
    do {
      try Attempt(.send, name).check { zmq_msg_send(frame.message, handle, flags) }
      return .sent
    } catch {
      switch error.code {
      case EAGAIN: return .full
      case EHOSTUNREACH: return .unreachable
      default: throw error
      }
    }
  }

  /// The frames of the next message; nil when none is waiting. Never blocks.
  func receive() throws(TransportError) -> [Frame]? {
    let first = Frame()
    guard try receive(into: first) else { return nil }
    var frames = [first]
    while frames[frames.count - 1].hasMore {
      let next = Frame()
      guard try receive(into: next) else { break }
      frames.append(next)
    }
    return frames
  }

  private func receive(into frame: Frame) throws(TransportError) -> Bool {
    try Attempt(.receive, name).check(unless: [EAGAIN]) { zmq_msg_recv(frame.message, handle, ZMQ_DONTWAIT) }
      != nil
  }
}

extension Duration {
  /// For libzmq's options.
  var milliseconds: Int32 {
    Int32(clamping: components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
  }
}
