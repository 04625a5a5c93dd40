import Foundation
import Synchronization

/// A file that appears at its path whole or not at all, written part by part: what comes goes to a temporary file in the
/// same folder, which `commit` renames. Without `commit` the temporary file is removed, and what stood at the path
/// still stands. A crash may leave a file named `.partial-*` behind.
///
/// Owned by one thread at a time; `discardAll` alone may be called from another.
package final class AtomicFile {
  package let path: String
  private let temporary: String
  private let descriptor: Int32

  /// Temporary files that are there; nil once none may be made any more.
  private static let open = Mutex<Set<String>?>([])

  /// - Throws: `FileError.refused` where the folder takes no file.
  package init(_ path: String) throws {
    let temporary = "\(Self.folder(of: path)).partial-\(UInt64.random(in: 1 ... .max))"
    descriptor = try Self.open.withLock { open in
      guard open != nil else {
        throw FileError.refused(.write, file: path, cause: "the program is about to end")
      }
      let descriptor = try checked((.write, path)) {
        FileName.withPath(temporary) { Foundation.open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      }
      open?.insert(temporary)
      return descriptor
    }
    (self.path, self.temporary) = (path, temporary)
  }

  /// Does nothing after `commit`.
  deinit {
    close(descriptor)
    Self.open.withLock { open in
      if open?.remove(temporary) != nil { _ = FileName.withPath(temporary) { unlink($0) } }
    }
  }

  /// - Throws: `FileError.refused`, such as for a full disk.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = try checked((.write, path)) {
        write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Puts the file in its place. Called once, last.
  /// - Parameter synced: as in `writeAtomically`.
  /// - Throws: `FileError.refused`.
  package func commit(synced: Bool) throws {
    if synced { try checked((.write, path)) { fsync(descriptor) } }
    try Self.open.withLock { open in
      try checked((.write, path)) {
        FileName.withPath(temporary) { old in FileName.withPath(path) { rename(old, $0) } }
      }
      open?.remove(temporary)
    }
    guard synced else { return }
    try withDescriptor(Self.folder(of: path), flags: O_RDONLY | O_DIRECTORY, for: (.write, path)) { folder in
      try checked((.write, path)) { fsync(folder) }
    }
  }

  /// For a process that is about to end by a signal: removes all temporary files; none can be made or renamed from then on.
  package static func discardAll() {
    Self.open.withLock { open in
      for temporary in open ?? [] { _ = FileName.withPath(temporary) { unlink($0) } }
      open = nil
    }
  }

  /// With the slash at its end.
  private static func folder(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { String(decoding: path.utf8[...$0], as: UTF8.self) } ?? "./"
  }
}
