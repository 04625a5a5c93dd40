import Checkpoints
import Foundation
import Platform

/// The checkpoints of a run: files `step-000012000.safetensors`, each beside a `.json` of the same name for what
/// differs between equal runs (time, host, duration, metrics), and some beside a `.evaluation.json` with what they
/// measured (`CheckpointEvaluation`). Sidecars are for people: none is ever needed.
///
/// What the bytes mean is the caller's business. Only the holder of the run's lease has a store.
public struct CheckpointStore: Sendable {
  public let retention: Retention
  private let lease: RunLease
  /// Steps whose file the reader refused and that were not written again since.
  private var damaged: Set<Int> = []
  /// By step, once they have been read.
  private var evaluated: [Int: CheckpointEvaluation]?

  public init(_ lease: RunLease, retention: Retention = Retention()) {
    (self.lease, self.retention) = (lease, retention)
  }

  /// The checkpoints, the oldest first; none where the folder is empty.
  /// - Throws: `RunDirectoryError.refused`.
  public func list() throws(RunDirectoryError) -> [CheckpointFile] { try lease.folder.checkpointFiles() }

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
    let path = lease.folder.checkpoint(step)
    do {
      try writeAtomically(bytes, to: path)
    } catch {
      throw .checkpointNotWritten(step: step, file: path, cause: systemCause(error))
    }
    damaged.remove(step)
    remove(lease.folder.sidecar(step))
    try? replace(lease.folder.sidecar(step), withJSON: sidecar)
    forgetEvaluation(step, unlessOf: bytes)
    prune(written: step)
    return path
  }

  /// Notes durably, beside the checkpoint of `step`, what it measured on held-out tasks; the best one is kept whatever
  /// `retention` says. Nothing is noted where there is no checkpoint of this step.
  ///
  /// - Parameters:
  ///   - before: mean kernel PSNR in dB before adaptation, `after` after it.
  /// - Throws: `RunDirectoryError.refused` and `.leaseLost`; the checkpoint is not touched.
  public mutating func recordEvaluation(
    step: Int, before: Double, after: Double, tasks: Int
  ) throws(RunDirectoryError) {
    if !lease.isHeld { throw .leaseLost(folder: lease.folder.path) }
    guard let hash = try? SHA256.hex(ofFile: lease.folder.checkpoint(step)) else { return }
    let evaluation = CheckpointEvaluation(sha256: hash, psnrBefore: before, psnrAfter: after, tasks: tasks)
    try replace(lease.folder.evaluation(step), withJSON: evaluation)
    evaluated?[step] = evaluation
  }

  /// A checkpoint that was replaced by another is no longer what was measured.
  private mutating func forgetEvaluation(_ step: Int, unlessOf bytes: [UInt8]) {
    guard let old = try? lease.folder.evaluation(ofStep: step), old.sha256 != (try? SHA256.hex(of: bytes))
    else { return }
    remove(lease.folder.evaluation(step))
    evaluated?[step] = nil
  }

  /// Removes what is no longer kept; what cannot be removed is tried again after the next write.
  private mutating func prune(written: Int) {
    guard let steps = try? list().map(\.step) else { return }
    let best = bestStep(of: steps)
    for step in retention.expendable(steps, written: written, damaged: damaged, best: best) {
      // In this order, so that a crash between the two leaves no sidecar that nobody would remove.
      remove(lease.folder.evaluation(step))
      remove(lease.folder.sidecar(step))
      remove(lease.folder.checkpoint(step))
      evaluated?[step] = nil
    }
  }

  private mutating func bestStep(of steps: [Int]) -> Int? {
    let known = evaluated ?? lease.folder.evaluations(ofSteps: steps)
    evaluated = known
    return CheckpointEvaluation.best(known.filter { steps.contains($0.key) && !damaged.contains($0.key) })
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
