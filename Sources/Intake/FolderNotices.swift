internal import CLinux
import Foundation
import Platform
import Transport

/// Tells when a file in a folder was written or moved there, as the kernel's inotify does. Where that is not to be had,
/// nothing is told.
final class FolderNotices: Sendable {
  private let descriptor: Int32
  private let isStopped = Monitor(false)
  private let isDone = Monitor(false)

  init(_ folder: String, _ onChange: @escaping @Sendable () -> Void) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    inotify_add_watch(descriptor, folder, UInt32(IN_CLOSE_WRITE | IN_MOVED_TO))
    let (descriptor, isStopped, isDone) = (descriptor, isStopped, isDone)
    Thread {
      while !isStopped.update({ $0 }) { if Self.isChanged(descriptor) { onChange() } }
      isDone.update { $0 = true }
    }.start()
  }

  deinit {
    isStopped.update { $0 = true }
    _ = isDone.wait { $0 ? true : nil }
    close(descriptor)
  }

  /// Waits a moment. What changed is of no interest, since whoever looks finds it.
  private static func isChanged(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&item, 1, 200) > 0 else { return false }
    var events = [UInt8](repeating: 0, count: 16 << 10)
    return read(descriptor, &events, events.count) > 0
  }
}
