public import Checkpoints
import Layers
import Numerics

/// DIP-FKP (Liang, Zhang, Gu, Van Gool, Timofte: "Flow-based kernel prior with application to blind super-resolution", CVPR
/// 2021): a deep image prior makes the picture, FKP's flow the kernel. See `docs/methods.md`.
public struct DIPFKPMethod: EstimationMethod, ImagePriorMethod {
  public static let name = "dip-fkp"
  public static let summary = "fits a picture network and FKP's kernel prior, 1000 steps (Liang et al. 2021)"
  public static let startsFromWeights = true

  let setup: ImagePriorSetup
  private let weights: FlowWeights
  public var checkpoint: Checkpoint? { weights.checkpoint }

  /// Iterations before the first that the kernel is updated in.
  private static let frozen = 75

  /// - Throws: `EstimationError.notFollowed` where anything but the steps, the crop and the checkpoint is set,
  ///   `.noCheckpoint`, `CheckpointError`.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(
      options, for: Self.name, following: ["--checkpoint"], draws: .dipFKP)
    weights = try FlowWeights(options)
  }

  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit {
    let kernel = try FlowKernel(weights.flow, side: problem.side, key: key)
    return try JointFit(problem, kernel, frozen: Self.frozen, key: key, in: workspace)
  }
}
