import Checkpoints
import Foundation
import Messages
import Platform

/// A file in the cache that is being fetched, locked against other processes as long as this object lives. What an
/// earlier one left is gone on from; it is hashed like all the rest.
final class PartialFile {
  static let suffix = ".part"
  private static let chunk = PublisherRequest.chunkSize
  private let path: String
  private let descriptor: Int32
  private let digest: SHA256
  /// Bytes that are there.
  private(set) var count = 0

  /// Waits until nobody else has it.
  /// - Throws: `ExchangeError.cache`.
  init(_ folder: String, _ sha256: String, size: Int) throws(ExchangeError) {
    path = "\(folder)/\(sha256)\(Self.suffix)"
    do { digest = try SHA256() } catch { throw .cache(.create, file: path, cause: "\(error)") }
    descriptor = try Self.open(path)
    let (path, descriptor) = (path, descriptor)
    try Self.checked(.lock, of: path) { flock(descriptor, LOCK_EX) }
    try resume(size)
  }

  deinit { close(descriptor) }

  /// A link that somebody put there is removed and never followed: what it leads to is not ours to overwrite.
  private static func open(_ path: String) throws(ExchangeError) -> Int32 {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT == S_IFLNK, unlink(path) == 0 else {
        throw .cache(.create, file: path, cause: "something that is not a file has its name")
      }
    }
    return try checked(.create, of: path) {
      Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
    }
  }

  /// Whether another process is fetching it.
  static func isInUse(_ path: String) -> Bool {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Whether this is still the file of that name: whoever was waited for may have finished or removed it.
  var isNamed: Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  /// Whole chunks are kept, so that what is asked for next is what everybody asks for.
  private func resume(_ size: Int) throws(ExchangeError) {
    guard isNamed else { return }
    var status = stat()
    fstat(descriptor, &status)
    let there = Int(status.st_size)
    let kept = there < size ? there - there % Self.chunk : 0
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    while count < kept {
      let at = count
      try Self.checked(.read, of: path) { pread(descriptor, &buffer, Self.chunk, off_t(at)) }
      try update(buffer)
      count += Self.chunk
    }
    try Self.checked(.write, of: path) { ftruncate(descriptor, off_t(kept)) }
  }

  func append(_ bytes: Data) throws(ExchangeError) {
    try update(bytes)
    var written = 0
    while written < bytes.count {
      let (start, at) = (written, count + written)
      written += try Self.checked(.write, of: path) {
        bytes.withUnsafeBytes {
          pwrite(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start, off_t(at))
        }
      }
    }
    count += bytes.count
  }

  private func update(_ bytes: some ContiguousBytes) throws(ExchangeError) {
    do { try digest.update(bytes) } catch { throw .cache(.read, file: path, cause: "\(error)") }
  }

  /// SHA-256 of what is there.
  func hash() throws(ExchangeError) -> String {
    do { return try digest.finish() } catch { throw .cache(.read, file: path, cause: "\(error)") }
  }

  func remove() { unlink(path) }

  /// Gives the file its name, once it is safe on disk.
  func finish(_ name: String) throws(ExchangeError) {
    try Self.checked(.write, of: name) { fsync(descriptor) }
    try Self.checked(.write, of: name) { rename(path, name) }
  }

  /// As `Platform.checked`, with the operation and the file named in the error.
  @discardableResult
  private static func checked<Code: SignedInteger>(
    _ operation: ExchangeError.Operation, of file: String, _ call: () -> Code
  ) throws(ExchangeError) -> Code {
    try Platform.checked({ ExchangeError.cache(operation, file: file, cause: systemText($0)) }, call)
  }
}
