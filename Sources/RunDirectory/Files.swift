import Checkpoints
import Foundation
import Platform

/// An open file, unlocked and closed with its last reference.
final class Descriptor: Sendable {
  let number: Int32

  init(opening path: String, _ flags: Int32) throws(RunDirectoryError) {
    func failure(_ code: Int32) -> RunDirectoryError {
      .refused(.create, file: path, cause: systemText(code))
    }
    number = try checked(failure) { FileName.withPath(path) { open($0, flags | O_CLOEXEC, 0o666) } }
  }

  deinit {
    unlock()
    close(number)
  }

  /// Closing alone would leave the lock to a child process that is between fork and exec.
  func unlock() { flock(number, LOCK_UN) }

  /// Whether `path` still names this very file. An open file's inode is not given to another.
  func isNamed(_ path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(number, &opened) == 0 && FileName.withPath(path, { stat($0, &named) }) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }
}

/// The content of a file, nil if it does not exist.
func contents(of path: String) throws(RunDirectoryError) -> Data? {
  do { return Data(try readFile(path)) } catch FileError.missing {
    return nil
  } catch {
    let isFolder = Folder.kind(of: path) == .folder
    throw .refused(.read, file: path, cause: isFolder ? systemText(EISDIR) : systemCause(error))
  }
}

/// The names in a folder, sorted.
func names(in folder: String) throws(RunDirectoryError) -> [String] {
  do { return try Folder.names(in: folder) } catch {
    throw .refused(.list, file: folder, cause: systemCause(error))
  }
}

/// Removes a file, if it is there.
func remove(_ path: String) { _ = FileName.withPath(path) { unlink($0) } }

/// Puts `bytes` at `path` by `writeAtomically`.
func replace(_ path: String, with bytes: [UInt8]) throws(RunDirectoryError) {
  do {
    try writeAtomically(bytes, to: path)
  } catch {
    throw .refused(.write, file: path, cause: systemCause(error))
  }
}

/// Puts `value` at `path` as JSON for people: one key a line, sorted; infinities and NaN as text.
func replace(_ path: String, withJSON value: some Encodable) throws(RunDirectoryError) {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  let data: Data
  do { data = try encoder.encode(value) } catch {
    throw .refused(.write, file: path, cause: "\(error)")
  }
  try replace(path, with: data + [UInt8(ascii: "\n")])
}

/// Removes what a process left in `folder` that was killed within `writeAtomically`. Only for who holds the lease: the
/// file of a living writer would go as well.
func removeLeftovers(in folder: String) throws(RunDirectoryError) {
  for name in try names(in: folder) where name.hasPrefix(".partial-") { remove(folder + "/" + name) }
}
