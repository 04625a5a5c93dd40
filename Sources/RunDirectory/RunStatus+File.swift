import Checkpoints
import Foundation
import Platform

extension RunFolder {
  /// What the coordinator last wrote; nil where none has written yet. A coordinator that was killed left its last one
  /// behind: `updated` tells.
  /// - Throws: `RunDirectoryError.refused`, also for a status of another version.
  public func status() throws(RunDirectoryError) -> RunStatus? {
    guard let bytes = try contents(of: statusFile) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    struct Versioned: Decodable { let version: Int }
    let version = (try? decoder.decode(Versioned.self, from: bytes))?.version
    if let version, version != RunStatus.version {
      throw .refused(
        .read, file: statusFile, cause: "it is of version \(version), this program reads \(RunStatus.version)"
      )
    }
    do { return try decoder.decode(RunStatus.self, from: bytes) } catch {
      throw .refused(.read, file: statusFile, cause: "it holds no status")
    }
  }
}

extension RunLease {
  /// Puts the status in the place of the last one, whole or not at all, without waiting for the disk.
  /// - Throws: `RunDirectoryError.leaseLost` and `.refused`.
  public func publish(_ status: RunStatus) throws(RunDirectoryError) {
    if !isHeld { throw .leaseLost(folder: folder.path) }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    do {
      try writeAtomically(Array(encoder.encode(status)), to: folder.statusFile, synced: false)
    } catch {
      throw .refused(.write, file: folder.statusFile, cause: systemCause(error))
    }
  }
}

extension RunFolder {
  /// The run's best checkpoint by what it measured itself.
  public func bestCheckpoint() throws(RunDirectoryError) -> RunStatus.Checkpoint? {
    let evaluations = evaluations(ofSteps: try checkpointFiles().map(\.step))
    guard let step = CheckpointEvaluation.best(evaluations), let best = evaluations[step] else { return nil }
    return RunStatus.Checkpoint(step: step, sha256: best.sha256)
  }
}
