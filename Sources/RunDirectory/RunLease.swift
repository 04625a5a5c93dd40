import Foundation
import Platform
import Synchronization

/// The exclusive right to train in a run's folder, held through a lock on its file `lease` (flock), which the system
/// frees the moment the process ends, however it ends.
///
/// Each taking has its own `incarnation`, so that whatever was sent to or by a predecessor is recognised as stale.
/// The lease lasts as long as this object, so keep it; `CheckpointStore` does.
public final class RunLease: Sendable {
  public let folder: RunFolder
  /// One more than that of any earlier holder, and safe on disk before it is first seen here. Starts at 1.
  public let incarnation: UInt64
  private let descriptor: Descriptor
  private let isReleased = Atomic(false)

  /// Takes the lease of a folder, which is created where it is missing, and clears away the unfinished files of killed
  /// predecessors.
  ///
  /// - Parameters:
  ///   - seconds: to wait at most for another process to give the lease back.
  ///   - onWait: called once, with the holder where it is known, should there be something to wait for.
  /// - Throws: `RunDirectoryError.leaseTaken`, which names the holder; `.unlockable` where the file system keeps no
  ///   locks; `.damagedIncarnation` and `.refused`.
  public init(
    _ folder: RunFolder, waiting seconds: Double = 0, onWait: (LeaseHolder?) -> Void = { _ in }
  ) throws(RunDirectoryError) {
    try folder.create()
    descriptor = try Self.lock(folder, until: .after(seconds), onWait)
    try Self.requireLocks(folder)
    // Before anything is written, as they may be what fills the disk.
    try removeLeftovers(in: folder.path)
    try removeLeftovers(in: folder.checkpoints)
    try Self.sign(folder.lease, descriptor)
    incarnation = try Self.nextIncarnation(folder.incarnation)
    self.folder = folder
  }

  deinit { release() }

  /// Whether the lease is still ours: not released, and its file neither replaced nor deleted by someone.
  public var isHeld: Bool {
    !isReleased.load(ordering: .acquiring) && descriptor.isNamed(folder.lease)
  }

  /// Withdraws the published address and lets the next one in. Once is enough, more does no harm.
  public func release() {
    if isHeld { remove(folder.address) }
    if !isReleased.exchange(true, ordering: .acquiringAndReleasing) { descriptor.unlock() }
  }
}

extension RunLease {
  private static func lock(
    _ folder: RunFolder, until deadline: Deadline, _ onWait: (LeaseHolder?) -> Void
  ) throws(RunDirectoryError) -> Descriptor {
    var hasWaited = false
    while true {
      do { return try lock(folder) } catch {
        guard case .leaseTaken(_, let holder) = error, .now < deadline else { throw error }
        if !hasWaited { onWait(holder) }
        hasWaited = true
        usleep(200_000)
      }
    }
  }

  private static func lock(_ folder: RunFolder) throws(RunDirectoryError) -> Descriptor {
    let descriptor = try Descriptor(opening: folder.lease, O_RDWR | O_CREAT)
    func failure(_ code: Int32) -> RunDirectoryError {
      switch code {
      case EWOULDBLOCK: .leaseTaken(folder: folder.path, holder: holder(folder.lease))
      case ENOLCK, ENOSYS, EOPNOTSUPP: .unlockable(file: folder.lease, cause: systemText(code))
      default: .refused(.lock, file: folder.lease, cause: systemText(code))
      }
    }
    try checked(failure) { flock(descriptor.number, LOCK_EX | LOCK_NB) }
    // Between opening and locking, someone may have deleted the file.
    if !descriptor.isNamed(folder.lease) { throw .leaseLost(folder: folder.path) }
    return descriptor
  }

  /// Some network and object file systems accept a lock and keep none, so that two coordinators would train at once: a
  /// second lock of ours must be refused.
  private static func requireLocks(_ folder: RunFolder) throws(RunDirectoryError) {
    let second = try Descriptor(opening: folder.lease, O_RDWR)
    if flock(second.number, LOCK_EX | LOCK_NB) == 0 {
      throw .unlockable(file: folder.lease, cause: "a lock is accepted and not kept")
    }
  }

  private static func holder(_ path: String) -> LeaseHolder? {
    guard let bytes = try? contents(of: path) else { return nil }
    return try? JSONDecoder().decode(LeaseHolder.self, from: bytes)
  }

  /// Writes who holds the lease. In place, since another file would not be the locked one.
  private static func sign(_ path: String, _ descriptor: Descriptor) throws(RunDirectoryError) {
    let process = ProcessInfo.processInfo
    let holder = LeaseHolder(
      host: process.hostName, pid: process.processIdentifier, since: Date().ISO8601Format())
    guard let bytes = try? [UInt8](JSONEncoder().encode(holder)) else { return }
    func failure(_ code: Int32) -> RunDirectoryError { .refused(.write, file: path, cause: systemText(code)) }
    try checked(failure) { ftruncate(descriptor.number, 0) }
    try checked(failure) { pwrite(descriptor.number, bytes, bytes.count, 0) }
  }

  /// Messages carry it as a number that JSON and floating point hold exactly.
  private static let largestIncarnation: UInt64 = 1 << 53

  /// Counts one up, durably. A killed process may have counted without ever using its number; gaps do no harm.
  private static func nextIncarnation(_ path: String) throws(RunDirectoryError) -> UInt64 {
    var last: UInt64 = 0
    if let bytes = try contents(of: path) {
      let text = String(decoding: bytes, as: UTF8.self)
      guard let number = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)),
        number < largestIncarnation
      else {
        throw .damagedIncarnation(file: path, content: text)
      }
      last = number
    }
    try replace(path, with: Array("\(last + 1)\n".utf8))
    return last + 1
  }
}
