import Checkpoints
import Platform
import RunDirectory

/// Writes a run's checkpoints as they fall due. A write that fails is told once and tried again while training goes on.
struct CheckpointKeeper {
  private var store: CheckpointStore
  private let log: (String) -> Void
  private var unsavedSince: Deadline?
  private var failedAt: Deadline?
  /// The newest that was written here.
  private(set) var newest: String?
  private(set) var newestStanding: RunStatus.Checkpoint?

  /// In seconds: at the latest so long after the state has changed, one is written.
  static let longestWait = 300.0
  static let pauseAfterFailure = 5.0

  init(_ store: CheckpointStore, log: @escaping (String) -> Void) { (self.store, self.log) = (store, log) }

  /// The state has changed since the last checkpoint.
  mutating func noteChange(at now: Deadline = .now) { unsavedSince = unsavedSince ?? now }

  var isUnsaved: Bool { unsavedSince != nil }

  /// Whether one should be written now, whatever the step.
  func isDue(at now: Deadline = .now) -> Bool {
    if let failedAt { return now.seconds(since: failedAt) > Self.pauseAfterFailure }
    return unsavedSince.map { now.seconds(since: $0) > Self.longestWait } ?? false
  }

  /// - Parameter required: a failure is the caller's to handle, and nothing is tried again.
  /// - Throws: `RunDirectoryError`: `.leaseLost`, and any where it is required.
  mutating func write(_ bytes: [UInt8], step: Int, sidecar: [String: String], required: Bool) throws {
    do {
      newest = try store.write(bytes, step: step, sidecar: sidecar)
      newestStanding = try? RunStatus.Checkpoint(step: step, sha256: SHA256.hex(of: bytes))
      if failedAt != nil { log("checkpoints can be written again") }
      (unsavedSince, failedAt) = (nil, nil)
    } catch {
      if case .leaseLost = error { throw error }
      if required { throw error }
      if failedAt == nil { log("\(error); training goes on, and it is tried again") }
      failedAt = .now
    }
  }

  /// Notes what the newest state measured beside its checkpoint, for those who ask for the best. Training goes on
  /// without it.
  mutating func recordEvaluation(step: Int, before: Double, after: Double, tasks: Int) {
    do { try store.recordEvaluation(step: step, before: before, after: after, tasks: tasks) } catch {
      log("\(error); training goes on")
    }
  }
}
