import Foundation
import Platform

/// A file's content as memory. It is kept open, so that replacing it by another of its name does no harm.
///
/// Should something cut the file, or the disk refuse to read a page, touching the bytes concerned raises
/// SIGBUS; `requireLength` tells the former beforehand.
final class MappedFile: @unchecked Sendable {  // Nothing changes after init, and the mapping is read-only.
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32

  /// Nil if there is no such file.
  init?(_ path: String) throws(TrainingDataError) {
    if FileName.withPath(path, { access($0, F_OK) }) != 0 && errno == ENOENT { return nil }
    let descriptor = try checked(TrainingDataError.refusal(of: path)) {
      FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    }
    do {
      bytes = try Self.map(descriptor, path)
    } catch {
      close(descriptor)
      throw error
    }
    (self.path, self.descriptor) = (path, descriptor)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    close(descriptor)
  }

  /// A few hundred nanoseconds.
  /// - Throws: `TrainingDataError.resized` if the file no longer has the length that is mapped.
  func requireLength() throws(TrainingDataError) {
    let actual = try Self.status(descriptor, path).st_size
    if actual != bytes.count { throw .resized(file: path, expected: bytes.count, actual: Int(actual)) }
  }

  /// Reads a part of the file block by block, not through the mapping, so that a file that is cut meanwhile is an error.
  /// - Throws: `TrainingDataError.resized` and `.refused`, and what `body` throws.
  func read(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { block.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = try checked(TrainingDataError.refusal(of: path)) {
        pread(descriptor, block.baseAddress, min(block.count, range.upperBound - offset), off_t(offset))
      }
      if count == 0 {
        try requireLength()
        throw TrainingDataError.refused(file: path, cause: "it ends too early")
      }
      try body(UnsafeRawBufferPointer(rebasing: block[..<count]))
      offset += count
    }
  }

  /// Changes whenever somebody writes to the file, by whatever means.
  struct Stamp: Equatable, Sendable {
    let size: Int
    let modified: Int, modifiedNanoseconds: Int
    /// The inode's own time, which no program sets at will as it does the other.
    let changed: Int, changedNanoseconds: Int
  }

  /// - Throws: `TrainingDataError.refused`.
  func stamp() throws(TrainingDataError) -> Stamp {
    let status = try Self.status(descriptor, path)
    return Stamp(
      size: Int(status.st_size), modified: status.st_mtim.tv_sec, modifiedNanoseconds: status.st_mtim.tv_nsec,
      changed: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
  }

  private static func map(_ descriptor: Int32, _ path: String) throws(TrainingDataError)
    -> UnsafeRawBufferPointer
  {
    let status = try status(descriptor, path)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .refused(file: path, cause: "it is not an ordinary file")
    }
    let size = Int(status.st_size)
    // mmap refuses no bytes at all.
    if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let start = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
    if start == MAP_FAILED { throw .refused(file: path, cause: systemText(errno)) }
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  private static func status(_ descriptor: Int32, _ path: String) throws(TrainingDataError) -> stat {
    var status = stat()
    try checked(TrainingDataError.refusal(of: path)) { fstat(descriptor, &status) }
    return status
  }
}
