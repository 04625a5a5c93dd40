import Layers
import Numerics

/// DKP (Yang, Xia, Ma, Liu, Zhang: "A dynamic kernel prior model for unsupervised blind image super-resolution", CVPR 2024): a
/// deep image prior, and a dense kernel network that learns from random kernels. See `docs/methods.md`.
public struct DKPMethod: EstimationMethod, ImagePriorMethod {
  public static let name = "dkp"
  public static let summary =
    "draws a kernel network towards random kernels that explain the picture, 1000 steps (Yang et al. 2024)"

  let setup: ImagePriorSetup

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .dkp)
  }

  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit {
    try RandomKernelFit(problem, key: key, in: workspace)
  }
}
