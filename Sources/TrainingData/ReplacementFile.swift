import Foundation
import Platform

/// A file that is being written beside its place, under a name with ".partial" appended, and takes its place
/// when it is whole. Being locked, it is written by one process at a time; one that a killed process left
/// behind is written over.
final class ReplacementFile {
  private let target: String
  private let path: String
  private let descriptor: Int32
  /// Whether the file is locked, has its temporary name, and so is removed in the end.
  private var isOurs = false
  /// What is to be written in all, for the error when the disk is full. In bytes.
  private var needed = 0

  /// Waits until no other process is writing.
  /// - Returns: Nil if another process has finished, or given up, meanwhile.
  init?(for target: String) throws(TrainingDataError) {
    let path = target + ".partial"
    descriptor = try checked(TrainingDataError.refusal(of: target)) {
      FileName.withPath(path) { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
    }
    (self.target, self.path) = (target, path)
    try check { flock(descriptor, LOCK_EX) }
    isOurs = try isInPlace()
    if !isOurs { return nil }
    try check { ftruncate(descriptor, 0) }
  }

  deinit {
    if isOurs { _ = FileName.withPath(path) { unlink($0) } }
    close(descriptor)
  }

  /// - Throws: `TrainingDataError.diskFull` if `bytes` do not fit.
  func requireSpace(_ bytes: Int) throws(TrainingDataError) {
    needed = bytes
    if let shortage = TrainingDataError.shortage(of: bytes, free: freeBytes(), file: target) {
      throw shortage
    }
  }

  /// Writes `bytes` behind what is there.
  func append(_ bytes: UnsafeRawBufferPointer) throws(TrainingDataError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      rest = rest.dropFirst(try check { write(descriptor, part.baseAddress, part.count) })
    }
  }

  /// Writes `bytes` over what is at the beginning.
  func overwriteStart(_ bytes: [UInt8]) throws(TrainingDataError) {
    let count = try check { pwrite(descriptor, bytes, bytes.count, 0) }
    if count != bytes.count { throw .refused(file: target, cause: "a short write") }
  }

  /// Puts the file, safe on the disk, in its place.
  func commit() throws(TrainingDataError) {
    try check { fsync(descriptor) }
    try check { FileName.withPath(path) { old in FileName.withPath(target) { rename(old, $0) } } }
    isOurs = false
  }

  /// Whether the file that was opened, and only then locked, still bears its name.
  private func isInPlace() throws(TrainingDataError) -> Bool {
    var (opened, named) = (stat(), stat())
    try check { fstat(descriptor, &opened) }
    return FileName.withPath(path, { stat($0, &named) }) == 0 && opened.st_ino == named.st_ino
      && opened.st_dev == named.st_dev
  }

  /// On the disk, to this user; 0 where the system does not say.
  private func freeBytes() -> Int {
    var volume = statvfs()
    return fstatvfs(descriptor, &volume) == 0 ? Int(volume.f_bavail) * Int(volume.f_frsize) : 0
  }

  @discardableResult
  private func check<Code: SignedInteger>(_ call: () -> Code) throws(TrainingDataError) -> Code {
    try checked(failure, call)
  }

  /// A disk may also fill up while we write, or a quota be met of which `freeBytes` knows nothing.
  private func failure(_ code: Int32) -> TrainingDataError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(file: target, needed: needed, free: freeBytes())
      : TrainingDataError.refusal(of: target)(code)
  }
}
