internal import CZeroMQ
import Foundation

/// Wakes a thread that waits in `zmq_poll`, from any other thread.
final class WakeUp: Sendable {
  private let descriptor: Int32

  init() throws(TransportError) {
    descriptor = try Attempt(.create, "an eventfd").check { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
  }

  deinit { close(descriptor) }

  /// A counter that is full wakes as well, so the result says nothing.
  func signal() { _ = eventfd_write(descriptor, 1) }

  /// Waits until signalled or until one of `sockets` has something to receive or, with `sending`, the first of them
  /// takes something to send; at most so many seconds. Whichever it was, the signal is taken back.
  func wait(
    for sockets: [Socket], sending: Bool = false, atMost seconds: Double? = nil
  ) throws(TransportError) {
    var items = sockets.map {
      zmq_pollitem_t(socket: $0.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    }
    if sending { items[0].events |= Int16(ZMQ_POLLOUT) }
    items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    try Attempt(.wait, "messages").check {
      zmq_poll(&items, Int32(items.count), seconds.map { Int($0 * 1000) } ?? -1)
    }
    var count: eventfd_t = 0
    _ = eventfd_read(descriptor, &count)
  }
}
