public import Checkpoints
public import Imaging
import Layers
import Numerics

/// BSRDM (Yue, Zhao, Xie, Zhang, Meng, Wong: "Blind image super-resolution with elaborate degradation modeling on noise and
/// kernel", CVPR 2022): a deep image prior, a Gaussian kernel of three parameters, and noise whose variance depends on the
/// place. See `docs/methods.md`.
public struct BSRDMMethod: EstimationMethod {
  public static let name = "bsrdm"
  public static let summary =
    "fits a picture network, a Gaussian kernel and local noise, 490 steps (Yue et al. 2022)"

  public static let startsFromWeights = false

  private let setup: ImagePriorSetup
  public var steps: Int { setup.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(
      options, for: Self.name, draws: .bsrdm, usualSteps: VariationalFit.steps,
      leastSide: VariationalFit.leastSide)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    try setup.estimate(picture, scale: scale, seed: seed, recording: recording, onStep: onStep) {
      problem, key, workspace throws(NumericsError) in
      try VariationalFit(problem, key: key, in: workspace)
    }
  }
}
