import Foundation

/// What a checkpoint measured on the run's held-out tasks, as it stands beside it. It names the file that was measured,
/// so it says nothing of another that took its place.
public struct CheckpointEvaluation: Codable, Sendable, Equatable {
  /// Of the checkpoint's whole file.
  public let sha256: String
  /// Mean kernel PSNR in dB before and after adaptation.
  public let psnrBefore: Double, psnrAfter: Double
  public let tasks: Int

  public init(sha256: String, psnrBefore: Double, psnrAfter: Double, tasks: Int) {
    (self.sha256, self.psnrBefore, self.psnrAfter, self.tasks) = (sha256, psnrBefore, psnrAfter, tasks)
  }

  private enum CodingKeys: String, CodingKey {
    case sha256, tasks
    case psnrBefore = "kernel_psnr_before"
    case psnrAfter = "kernel_psnr_after"
  }

  /// The step with the highest finite PSNR after adaptation, of equal ones the latest.
  public static func best(_ evaluations: [Int: CheckpointEvaluation]) -> Int? {
    evaluations.filter { $0.value.psnrAfter.isFinite }
      .max { ($0.value.psnrAfter, $0.key) < ($1.value.psnrAfter, $1.key) }?.key
  }
}

extension RunFolder {
  /// What the checkpoint of a step measured, nil where it was not evaluated.
  /// - Throws: `RunDirectoryError.refused`, also where the file is damaged.
  public func evaluation(ofStep step: Int) throws(RunDirectoryError) -> CheckpointEvaluation? {
    guard let bytes = try contents(of: evaluation(step)) else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return try decoder.decode(CheckpointEvaluation.self, from: bytes) } catch {
      throw .refused(.read, file: evaluation(step), cause: "it holds no evaluation")
    }
  }

  /// Those of several steps; a damaged one counts as none.
  func evaluations(ofSteps steps: [Int]) -> [Int: CheckpointEvaluation] {
    var found: [Int: CheckpointEvaluation] = [:]
    for step in steps { found[step] = try? evaluation(ofStep: step) }
    return found
  }
}
