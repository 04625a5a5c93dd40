import Foundation
import Platform

/// A checkpoint in a run's folder: `step-000012000.safetensors`.
public struct CheckpointFile: Sendable, Equatable {
  public let step: Int
  public let path: String
  /// In bytes.
  public let size: Int
}

extension RunFolder {
  /// The checkpoints, the oldest first; none where the folder is empty. Takes no lease: a listed file may be gone by the
  /// time it is opened, but what is there is whole.
  /// - Throws: `RunDirectoryError.refused`.
  public func checkpointFiles() throws(RunDirectoryError) -> [CheckpointFile] {
    let found = try names(in: checkpoints).compactMap { name -> CheckpointFile? in
      guard let step = Self.step(name) else { return nil }
      var status = stat()
      guard FileName.withPath(checkpoint(step), { stat($0, &status) }) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { return nil }
      return CheckpointFile(step: step, path: checkpoint(step), size: Int(status.st_size))
    }
    return found.sorted { $0.step < $1.step }
  }

  func checkpoint(_ step: Int) -> String { "\(checkpoints)/\(Self.stem(step)).safetensors" }

  func sidecar(_ step: Int) -> String { "\(checkpoints)/\(Self.stem(step)).json" }

  func evaluation(_ step: Int) -> String { "\(checkpoints)/\(Self.stem(step)).evaluation.json" }

  private static func stem(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }

  /// The step that a file's name tells, nil for any name that `checkpoint` does not give.
  private static func step(_ name: String) -> Int? {
    guard let step = Int(name.dropFirst(5).prefix { $0 != "." }), step >= 0,
      name == stem(step) + ".safetensors"
    else { return nil }
    return step
  }
}
