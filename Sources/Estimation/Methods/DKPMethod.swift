public import Checkpoints
public import Imaging
import Layers
import Numerics

/// DKP (Yang, Xia, Ma, Liu, Zhang: "A dynamic kernel prior model for unsupervised blind image super-resolution", CVPR 2024): a
/// deep image prior, and a dense kernel network that learns from random kernels. See `docs/methods.md`.
public struct DKPMethod: EstimationMethod {
  public static let name = "dkp"
  public static let summary =
    "draws a kernel network towards random kernels that explain the picture, 1000 steps (Yang et al. 2024)"

  public static let startsFromWeights = false

  private let options: ImagePriorOptions
  public var steps: Int { options.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    self.options = try ImagePriorOptions(options, of: Self.name, usualSteps: 1000)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let problem = try BlindProblem(
      picture, scale: scale, crop: options.crop, least: PictureNetwork.large.leastSide, method: Self.name)
    let key = Philox.key(seed, .estimation, 5)
    let workspace = try Workspace()
    let fit = try RandomKernelFit(problem, key: key, in: workspace)
    return try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
  }
}
