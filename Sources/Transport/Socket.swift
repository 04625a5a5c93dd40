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
    try set(ZMQ_HANDSHAKE_IVL, 10_000)
    try set(ZMQ_BACKLOG, 1024)
    try set(ZMQ_RECONNECT_IVL, options.reconnectInterval.lowerBound.milliseconds)
    try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectInterval.upperBound.milliseconds)
    try probe(options)
    try secure(options.security)
    // Encryption makes frames a little longer.
    var largest = Int64(options.largestMessage + 1024)
    if case .none = options.security { largest -= 1024 }
    try Attempt(.configure, name).check {
      zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &largest, MemoryLayout.size(ofValue: largest))
    }
  }

  private func set(_ option: Int32, _ bytes: [UInt8]) throws(TransportError) {
    try Attempt(.configure, name).check { zmq_setsockopt(handle, option, bytes, bytes.count) }
  }

  private func secure(_ security: Security) throws(TransportError) {
    // Naming a domain (RFC 27) makes libzmq turn away peers of ZMTP 1 and 2, as which it takes whatever strangers say.
    // A socket that closes during their handshake would abort the process (libzmq 4.3.4, process_routing_id_msg).
    var domain = "metakernelgan"
    switch security {
    case .none: break
    case .server(let keys, _, let role):
      domain = role.domain
      try set(ZMQ_CURVE_SERVER, 1)
      try set(ZMQ_CURVE_SECRETKEY, Z85.bytes(keys.secret) ?? [])
      // Without this libzmq lets anybody in where no handler answers. An empty domain would do the same.
      try set(Int32(CZEROMQ_ZAP_ENFORCE_DOMAIN), 1)
    case .client(let keys, let server):
      try set(ZMQ_CURVE_SERVERKEY, Z85.bytes(server.description) ?? [])
      try set(ZMQ_CURVE_PUBLICKEY, Z85.bytes(keys.publicKey.description) ?? [])
      try set(ZMQ_CURVE_SECRETKEY, Z85.bytes(keys.secret) ?? [])
    }
    try set(ZMQ_ZAP_DOMAIN, Array(domain.utf8))
  }

  /// Has the kernel find connections whose other end is gone.
  private func probe(_ options: SocketOptions) throws(TransportError) {
    let interval = options.probeInterval.milliseconds
    guard interval > 0 else { return }
    let seconds = max(interval / 1000, 1)
    try set(ZMQ_TCP_KEEPALIVE, 1)
    try set(ZMQ_TCP_KEEPALIVE_IDLE, seconds)
    try set(ZMQ_TCP_KEEPALIVE_INTVL, seconds)
    try set(ZMQ_TCP_KEEPALIVE_CNT, max(options.probeTimeout.milliseconds / 1000 / seconds, 1))
    try set(ZMQ_TCP_MAXRT, options.probeTimeout.milliseconds)
  }

  private func chooseFamily(_ purpose: Address.Purpose) throws(TransportError) {
    if let address = try? Address(name, for: purpose), address.needsIPv6 { try set(ZMQ_IPV6, 1) }
  }

  func bind() throws(TransportError) {
    try chooseFamily(.listening)
    try Attempt(.listen, name).check { zmq_bind(handle, name) }
    name = try lastEndpoint()
  }

  func connect() throws(TransportError) {
    try chooseFamily(.connecting)
    try Attempt(.connect, name).check { zmq_connect(handle, name) }
  }

  /// The address bound to, with the port that the system chose where it was asked to.
  func lastEndpoint() throws(TransportError) -> String {
    var text = [CChar](repeating: 0, count: 256)
    var count = text.count
    try Attempt(.configure, name).check { zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &count) }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  enum Sending { case sent, full, unreachable }

  /// Never blocks. `last` is false where more frames of the same message follow. A frame that was sent is empty after.
  func send(_ frame: MessageFrame, last: Bool = true) throws(TransportError) -> Sending {
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

  /// Frames of a message that are kept; the rest are read and let go.
  private static let mostFrames = 8

  /// The frames of the next message; nil when none is waiting. Never blocks.
  func receive() throws(TransportError) -> [MessageFrame]? {
    var last = MessageFrame()
    guard try receive(into: last) else { return nil }
    var frames = [last]
    while last.hasMore {
      last = MessageFrame()
      guard try receive(into: last) else { break }
      if frames.count < Self.mostFrames { frames.append(last) }
    }
    return frames
  }

  private func receive(into frame: MessageFrame) throws(TransportError) -> Bool {
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
