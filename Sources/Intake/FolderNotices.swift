internal import CLinux
import Foundation
import Platform
import Transport

/// Tells when a file in a folder was written or moved there, and when the folder itself is moved or removed, as the
/// kernel's inotify does. Where that is not to be had, nothing is told.
final class FolderNotices: Sendable {
  private let descriptor: Int32
  private let isStopped = Monitor(false)
  private let thread: NamedThread

  /// - Throws: `ThreadError`.
  init(_ folder: String, _ onChange: @escaping @Sendable () -> Void) throws(ThreadError) {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    let events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF
    _ = FileName.withPath(folder) { inotify_add_watch(descriptor, $0, UInt32(events)) }
    self.descriptor = descriptor
    let isStopped = isStopped
    do {
      thread = try NamedThread("folder notices") {
        while !isStopped.update({ $0 }) { if Self.isChanged(descriptor) { onChange() } }
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    isStopped.update { $0 = true }
    thread.join()
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
