public import Checkpoints
public import Imaging
import Layers
import Numerics

/// DIP-FKP (Liang, Zhang, Gu, Van Gool, Timofte: "Flow-based kernel prior with application to blind super-resolution", CVPR
/// 2021): a deep image prior makes the picture, FKP's flow the kernel. See `docs/methods.md`.
public struct DIPFKPMethod: EstimationMethod {
  public static let name = "dip-fkp"
  public static let summary = "fits a picture network and FKP's kernel prior, 1000 steps (Liang et al. 2021)"
  public static let startsFromWeights = true

  private let setup: ImagePriorSetup
  private let weights: FlowWeights
  public var steps: Int { setup.steps }
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

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    var estimate = try setup.estimate(
      picture, scale: scale, seed: seed, recording: recording, onStep: onStep
    ) { problem, key, workspace throws(NumericsError) in
      let kernel = try FlowKernel(weights.flow, side: problem.side, key: key)
      return try JointFit(problem, kernel, frozen: Self.frozen, key: key, in: workspace)
    }
    estimate.start = weights.checkpoint
    return estimate
  }
}
