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

  private let options: ImagePriorOptions
  public var steps: Int { options.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    self.options = try ImagePriorOptions(options, of: Self.name, usualSteps: VariationalFit.steps)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let problem = try BlindProblem(
      picture, scale: scale, crop: options.crop, least: VariationalFit.leastSide, method: Self.name)
    let key = Philox.key(seed, .estimation, 4)
    let workspace = try Workspace()
    let fit = try VariationalFit(problem, key: key, in: workspace)
    return try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
  }
}
