import Checkpoints
import Foundation

/// The checkpoints of a run: files `step-000012000.safetensors`, each beside a `.json` of the same name for what
/// differs between equal runs (time, host, duration, metrics). Sidecars are for people: none is ever needed.
///
/// What the bytes mean is the caller's business. Only the holder of the run's lease has a store.
public struct CheckpointStore: Sendable {
  public let retention: Retention
  private let lease: RunLease
  /// Steps whose file the reader refused and that were not written again since.
  private var damaged: Set<Int> = []

  public struct Entry: Sendable, Equatable {
    public let step: Int
    public let path: String
    /// In bytes.
    public let size: Int
  }

  public init(_ lease: RunLease, retention: Retention = Retention()) {
    (self.lease, self.retention) = (lease, retention)
  }

  /// The checkpoints, the oldest first; none where the folder is empty.
  /// - Throws: `RunDirectoryError.refused`.
  public func list() throws(RunDirectoryError) -> [Entry] {
    let found = try names(in: lease.folder.checkpoints).compactMap { name -> Entry? in
      guard let step = Self.step(name) else { return nil }
      var status = stat()
      guard stat(path(step), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return Entry(step: step, path: path(step), size: Int(status.st_size))
    }
    return found.sorted { $0.step < $1.step }
  }

  /// Writes the checkpoint of `step`, safe on disk when this returns, then its sidecar, and only then removes what
  /// `retention` no longer keeps.
  ///
  /// - Parameters:
  ///   - step: at least 0; a checkpoint of the same step is replaced.
  ///   - sidecar: should it not be writable, the checkpoint counts all the same.
  /// - Returns: The checkpoint's path.
  /// - Throws: `RunDirectoryError.checkpointNotWritten`, when nothing unfinished stays behind and the others still stand;
  ///   `.leaseLost`.
  @discardableResult
  public mutating func write(
    _ bytes: [UInt8], step: Int, sidecar: some Encodable
  ) throws(RunDirectoryError) -> String {
    if !lease.isHeld { throw .leaseLost(folder: lease.folder.path) }
    let path = path(step)
    do {
      try writeAtomically(bytes, to: path)
    } catch {
      throw .checkpointNotWritten(step: step, file: path, cause: systemCause(error))
    }
    damaged.remove(step)
    unlink(sidecarPath(step))
    try? replace(sidecarPath(step), withJSON: sidecar)
    prune(written: step)
    return path
  }

  /// Removes what is no longer kept; what cannot be removed is tried again after the next write.
  private func prune(written: Int) {
    guard let steps = try? list().map(\.step) else { return }
    for step in retention.expendable(steps, written: written, damaged: damaged) {
      // In this order, so that a crash between the two leaves no sidecar that nobody would remove.
      unlink(sidecarPath(step))
      unlink(path(step))
    }
  }

  private func path(_ step: Int) -> String { "\(lease.folder.checkpoints)/\(Self.stem(step)).safetensors" }

  private func sidecarPath(_ step: Int) -> String { "\(lease.folder.checkpoints)/\(Self.stem(step)).json" }

  private static func stem(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  /// The step that a file's name tells, nil for any name that `path` does not give.
  private static func step(_ name: String) -> Int? {
    guard let step = Int(name.dropFirst(5).prefix { $0 != "." }), step >= 0,
      name == stem(step) + ".safetensors"
    else { return nil }
    return step
  }
}

extension CheckpointStore {
  /// A checkpoint that could be read, and the newer ones that could not, of which the user should hear.
  public struct Found<State> {
    public let state: State
    public let step: Int
    public let path: String
    /// The newest first.
    public let skipped: [SkippedCheckpoint]
  }

  /// The newest checkpoint that `read` accepts, nil if there are none at all.
  ///
  /// - Parameter read: gives what the file at this path holds; any error that it throws has the next older one tried.
  /// - Throws: `RunDirectoryError.noGoodCheckpoint` if `read` refused them all, `.refused`.
  public mutating func newest<State>(
    _ read: (String) throws -> State
  ) throws(RunDirectoryError) -> Found<State>? {
    var skipped: [SkippedCheckpoint] = []
    for entry in try list().reversed() {
      do {
        let state = try read(entry.path)
        return Found(state: state, step: entry.step, path: entry.path, skipped: skipped)
      } catch {
        damaged.insert(entry.step)
        skipped.append(SkippedCheckpoint(path: entry.path, reason: "\(error)"))
      }
    }
    if skipped.isEmpty { return nil }
    throw .noGoodCheckpoint(folder: lease.folder.checkpoints, skipped: skipped)
  }
}
