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

  private let setup: ImagePriorSetup
  public var steps: Int { setup.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .dkp)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    try setup.estimate(picture, scale: scale, seed: seed, recording: recording, onStep: onStep) {
      problem, key, workspace throws(NumericsError) in
      try RandomKernelFit(problem, key: key, in: workspace)
    }
  }
}
