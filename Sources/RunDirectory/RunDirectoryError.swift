import Platform

/// What can go wrong with the folder of a training run. `description` is one sentence for the user: what could not be
/// done to which file, why, and what to do next.
public enum RunDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process holds the run's lease; `holder` is nil if it has not written its name yet.
  case leaseTaken(folder: String, holder: LeaseHolder?)
  /// The lease file is no longer the one that this process locked, so another may train in the folder.
  case leaseLost(folder: String)
  /// The file system does not keep locks, without which two coordinators could train in the folder at once.
  case unlockable(file: String, cause: String)
  /// The count of incarnations is not a number that can be counted on from.
  case damagedIncarnation(file: String, content: String)
  /// A checkpoint was not written; those before it still stand. Worth trying again later.
  case checkpointNotWritten(step: Int, file: String, cause: String)
  /// There are checkpoints, but the reader refused them all; the newest first.
  case noGoodCheckpoint(folder: String, skipped: [SkippedCheckpoint])
  /// The operating system refused; `cause` is its own text.
  case refused(Operation, file: String, cause: String)

  public enum Operation: String, Sendable { case create, list, lock, read, write }

  public var description: String {
    switch self {
    case .leaseTaken(let folder, let holder):
      "cannot train in \(quoted(folder)): it is in use by \(holder?.description ?? "a process that is just starting"); "
        + "stop that one first, or name another folder with --run"
    case .leaseLost(let folder):
      "cannot go on training in \(quoted(folder)): its file 'lease' was replaced or deleted, so another process may "
        + "train there; stop all of them, then start one again"
    case .unlockable(let file, let cause):
      "cannot train with \(quoted(file)): its file system keeps no locks (flock): \(cause); name a folder on another "
        + "file system with --run, or mount this one with locks (Lustre: -o flock)"
    case .damagedIncarnation(let file, let content):
      "cannot count on from \(quoted(file)): it holds \(quoted(content)) instead of a number; write into it one "
        + "greater than this run can have reached, for example 1000000"
    case .checkpointNotWritten(let step, let file, let cause):
      "cannot write the checkpoint of step \(step), \(quoted(file)): \(cause); earlier checkpoints are untouched, "
        + "free some space or check the permissions"
    case .noGoodCheckpoint(let folder, let skipped):
      "cannot resume from \(quoted(folder)): none of its checkpoints is good "
        + "(\(skipped.count) tried, the newest: \(skipped.first?.reason ?? "none")); "
        + "put a good one there, or start anew with another --run"
    case .refused(let operation, let file, let cause):
      "cannot \(operation.rawValue) \(quoted(file)): \(cause); check the path, its permissions and the disk"
    }
  }
}

/// The process that holds a run's lease, as the lease file tells.
public struct LeaseHolder: Codable, Sendable, Equatable, CustomStringConvertible {
  public let host: String
  public let pid: Int32
  /// ISO 8601, UTC.
  public let since: String

  public init(host: String, pid: Int32, since: String) {
    (self.host, self.pid, self.since) = (host, pid, since)
  }

  public var description: String { "process \(pid) on host \(quoted(host)) since \(quoted(since))" }
}

/// A checkpoint that was found and could not be read.
public struct SkippedCheckpoint: Sendable, Equatable {
  public let path: String
  /// The reader's own text.
  public let reason: String

  public init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }
}
