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

  public let steps: Int
  public var checkpoint: Checkpoint? { weights.checkpoint }
  private let weights: FlowWeights
  private let crop: Int?

  /// Iterations before the first that the kernel is updated in.
  private static let frozen = 75

  /// - Throws: `EstimationError.notFollowed` where anything but the steps, the crop and the checkpoint is set,
  ///   `.noCheckpoint`, `CheckpointError`.
  public init(_ options: MethodOptions) throws {
    weights = try FlowWeights(options, for: Self.name, following: ["--crop"])
    (steps, crop) = (options.steps ?? 1000, options.crop)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let problem = try BlindProblem(
      picture, scale: scale, crop: crop, least: PictureNetwork.large.leastSide, method: Self.name)
    let key = Philox.key(seed, .estimation, 7)
    let workspace = try Workspace()
    let kernel = try FlowKernel(weights.flow, side: problem.side, key: key)
    let fit = try JointFit(problem, kernel, frozen: Self.frozen, key: key, in: workspace)
    var estimate = try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
    estimate.start = weights.checkpoint
    return estimate
  }
}
