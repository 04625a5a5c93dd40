import Foundation

/// Tells whether a file is still the same one, untouched.
package struct FileStamp: Sendable, Hashable {
  private let device: UInt, inode: UInt, size: Int, seconds: Int, nanoseconds: Int

  /// Nil where the path names no regular file.
  package init?(_ path: String) {
    var status = stat()
    guard FileName.withPath(path, { stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    (device, inode, size) = (UInt(status.st_dev), UInt(status.st_ino), Int(status.st_size))
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }

  /// When it was written, in seconds since 1970.
  package var written: Int { seconds }
}
