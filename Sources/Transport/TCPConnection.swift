internal import CZeroMQ
import Foundation

/// A connection that libzmq owns, looked at from outside: by its descriptor, which may have been closed and given to
/// another, and by its cookie, which never is.
struct TCPConnection: Equatable {
  /// What has passed over it since it was made, as the kernel counts.
  struct Bytes: Equatable {
    var received: UInt64 = 0
    var acknowledged: UInt64 = 0
  }

  let descriptor: Int32
  private let cookie: UInt64

  /// Nil where the descriptor is no socket any more.
  init?(_ descriptor: Int32) {
    let cookie = czeromq_cookie(descriptor)
    guard cookie != 0 else { return nil }
    (self.descriptor, self.cookie) = (descriptor, cookie)
  }

  private var isOpen: Bool { czeromq_cookie(descriptor) == cookie }

  /// Nil where it is gone, or not TCP.
  var bytes: Bytes? {
    var bytes = Bytes()
    guard isOpen, czeromq_tcp_bytes(descriptor, &bytes.received, &bytes.acknowledged) != 0 else { return nil }
    return bytes
  }

  /// Ends it in both directions; libzmq then finds it broken and lets go of all it holds for it. (libzmq 4.3.4 offers no
  /// way to disconnect one peer.) Between the check and the call the descriptor could only become another peer's
  /// connection, which would connect again.
  func cut() { if isOpen { shutdown(descriptor, Int32(SHUT_RDWR)) } }
}
