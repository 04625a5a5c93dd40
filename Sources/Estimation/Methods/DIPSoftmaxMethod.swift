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

  private let setup: ImagePriorSetup
  public var steps: Int { setup.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .dipSoftmax)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    try setup.estimate(picture, scale: scale, seed: seed, recording: recording, onStep: onStep) {
      problem, key, workspace throws(NumericsError) in
      let kernel = SoftmaxKernel(side: problem.side, key: key, in: workspace)
      return try JointFit(problem, kernel, key: key, in: workspace)
    }
  }
}
