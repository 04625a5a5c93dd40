import Foundation
import Platform

/// A folder as it is watched: with its subfolders, the lock that keeps other processes out, and the kernel's notices.
final class FolderHold: Sendable {
  /// Which folders they are: a folder that is moved away and one that is made anew under its name are two.
  struct Identity: Equatable {
    private let folders: [[UInt64]]

    /// Nil where the folder, or its subfolder `working`, is not there.
    init?(_ path: String) {
      var found: [[UInt64]] = []
      for folder in [path, path + "/working"] {
        var status = stat()
        let code = FileName.withPath(folder) { stat($0, &status) }
        guard code == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        found.append([UInt64(status.st_dev), UInt64(status.st_ino)])
      }
      folders = found
    }
  }

  let identity: Identity?
  private let lock: Int32
  private let notices: FolderNotices

  /// Makes the folders that are missing.
  /// - Throws: `IntakeError`.
  init(_ path: String, _ onChange: @escaping @Sendable () -> Void) throws(IntakeError) {
    for folder in [path, path + "/working", path + "/done", path + "/failed"] {
      do { try Folder.make(folder) } catch {
        throw .refused(.create, file: folder, cause: systemCause(error))
      }
    }
    let working = path + "/working"
    let descriptor = try checked(.lock, of: working) {
      FileName.withPath(working) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .inUse(folder: path)
    }
    do { notices = try FolderNotices(path, onChange) } catch {
      close(descriptor)
      throw .refused(.list, file: path, cause: "\(error)")
    }
    (lock, identity) = (descriptor, Identity(path))
  }

  deinit { close(lock) }
}
