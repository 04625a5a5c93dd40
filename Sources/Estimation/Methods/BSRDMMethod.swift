import Layers
import Numerics

/// BSRDM (Yue, Zhao, Xie, Zhang, Meng, Wong: "Blind image super-resolution with elaborate degradation modeling on noise and
/// kernel", CVPR 2022): a deep image prior, a Gaussian kernel of three parameters, and noise whose variance depends on the
/// place. See `docs/methods.md`.
public struct BSRDMMethod: EstimationMethod, ImagePriorMethod {
  public static let name = "bsrdm"
  public static let summary =
    "fits a picture network, a Gaussian kernel and local noise, 490 steps (Yue et al. 2022)"

  let setup: ImagePriorSetup

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(
      options, for: Self.name, draws: .bsrdm, usualSteps: VariationalFit.steps,
      leastSide: VariationalFit.leastSide)
  }

  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit {
    try VariationalFit(problem, key: key, in: workspace)
  }
}
