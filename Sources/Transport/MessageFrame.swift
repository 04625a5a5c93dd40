internal import CZeroMQ

/// Owner of one libzmq message frame. It lies in memory of its own, since libzmq does not allow it to be moved.
final class MessageFrame {
  let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)

  init() { zmq_msg_init(message) }

  /// A frame with a copy of `bytes`.
  convenience init(_ bytes: [UInt8]) throws(TransportError) {
    self.init()
    try Attempt(.create, "a message of \(bytes.count) bytes").check {
      zmq_msg_init_size(message, bytes.count)
    }
    UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: bytes.count).copyBytes(from: bytes)
  }

  /// A frame that shares `other`'s bytes, which libzmq counts references to.
  convenience init(sharing other: MessageFrame) throws(TransportError) {
    self.init()
    try Attempt(.create, "a message's copy").check { zmq_msg_copy(message, other.message) }
  }

  deinit {
    zmq_msg_close(message)
    message.deallocate()
  }

  /// Bytes.
  var count: Int { zmq_msg_size(message) }

  /// The descriptor of the connection that it came over; -1 where it came over none.
  var descriptor: Int32 { zmq_msg_get(message, ZMQ_SRCFD) }

  /// What the connection that it came over tells of its other end.
  var origin: Router.Origin {
    Router.Origin(address: property("Peer-Address") ?? "", user: user?.name)
  }

  var user: UserID? { property("User-Id").flatMap { UserID($0) } }

  private func property(_ name: String) -> String? {
    guard let text = zmq_msg_gets(message, name), text[0] != 0 else { return nil }
    return String(cString: text)
  }

  var hasMore: Bool { zmq_msg_more(message) != 0 }

  /// The bytes are valid for the length of the call.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withExtendedLifetime(self) {
      body(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message)))
    }
  }
}
