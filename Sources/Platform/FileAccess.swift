import Foundation

/// Puts `bytes` at `path` so that after a crash at any moment the path holds either the old content or
/// the new, whole: they go to a temporary file in the same folder, which is synced to disk and renamed,
/// and then the folder is synced. A crash may leave a file named `.partial-*` behind.
///
/// - Parameter synced: without, the path holds old or new content whatever happens to the process, but after a crash of
///   the machine perhaps neither; for what is worthless by then.
/// - Throws: `FileError.refused`; the old content then still stands, unless the last sync failed.
public func writeAtomically(_ bytes: [UInt8], to path: String, synced: Bool = true) throws {
  let file = try AtomicFile(path)
  try bytes.withUnsafeBytes { try file.append($0) }
  try file.commit(synced: synced)
}

/// The whole content of a regular file; devices and folders are refused.
///
/// - Parameter limit: in bytes; a larger file is refused before anything is allocated.
/// - Throws: `FileError.missing` or `.refused`.
package func readFile(_ path: String, atMost limit: Int = .max) throws -> [UInt8] {
  try readRegularFile(path) { size in
    guard size <= limit else {
      throw FileError.refused(
        .read, file: path, cause: "its \(size) bytes are more than the \(limit) allowed")
    }
    return size
  }
}

/// The first `count` bytes of a regular file, or all of a shorter one.
///
/// - Throws: `FileError.missing` or `.refused`.
package func readFile(_ path: String, first count: Int) throws -> [UInt8] {
  try readRegularFile(path) { min($0, count) }
}

/// - Parameter choose: how many bytes are wanted of a file of that size.
private func readRegularFile(_ path: String, _ choose: (_ size: Int) throws -> Int) throws -> [UInt8] {
  let access: FileAccess = (.read, path)
  return try withDescriptor(path, flags: O_RDONLY, for: access) { descriptor in
    var status = stat()
    try checked(access) { fstat(descriptor, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError.refused(.read, file: path, cause: "not a regular file")
    }
    return try [UInt8](unsafeUninitializedCapacity: choose(Int(status.st_size))) { buffer, count in
      while count < buffer.count {
        let got = try checked(access) { read(descriptor, &buffer[count], buffer.count - count) }
        if got == 0 { break }
        count += got
      }
    }
  }
}

/// What is being done to which file, for the error; the temporary file's own name helps nobody.
typealias FileAccess = (operation: FileError.Operation, file: String)

@discardableResult
func withDescriptor<Result>(
  _ path: String, flags: Int32, for access: FileAccess, _ body: (Int32) throws -> Result
) throws -> Result {
  let descriptor = try checked(access) { FileName.withPath(path) { open($0, flags | O_CLOEXEC, 0o666) } }
  defer { close(descriptor) }
  return try body(descriptor)
}

/// As the module's `checked`, with the operation and the file named in the error.
@discardableResult
func checked<Code: SignedInteger>(_ access: FileAccess, _ call: () -> Code) throws -> Code {
  try checked(
    { code in
      code == ENOENT && access.operation == .read
        ? FileError.missing(access.file)
        : .refused(access.operation, file: access.file, cause: systemText(code))
    }, call)
}
