public import Checkpoints
public import Imaging
import Layers
import Numerics

/// DIP-Softmax, the baseline without a kernel prior of "Flow-based kernel prior with application to blind super-resolution" (Liang,
/// Zhang, Gu, Van Gool, Timofte, CVPR 2021): a deep image prior makes the picture, a softmax the kernel. See
/// `docs/methods.md`.
public struct DIPSoftmaxMethod: EstimationMethod {
  public static let name = "dip-softmax"
  public static let summary = "fits a picture network and the kernel's values, 1000 steps (Liang et al. 2021)"

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
    let key = Philox.key(seed, .estimation, 3)
    let workspace = try Workspace()
    let kernel = SoftmaxKernel(side: problem.side, key: key, in: workspace)
    let fit = try JointFit(problem, kernel, key: key, in: workspace)
    return try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
  }
}
