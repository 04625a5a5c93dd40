import Layers
import Numerics

/// DIP-Softmax, the baseline without a kernel prior of "Flow-based kernel prior with application to blind super-resolution" (Liang,
/// Zhang, Gu, Van Gool, Timofte, CVPR 2021): a deep image prior makes the picture, a softmax the kernel. See
/// `docs/methods.md`.
public struct DIPSoftmaxMethod: EstimationMethod, ImagePriorMethod {
  public static let name = "dip-softmax"
  public static let summary = "fits a picture network and the kernel's values, 1000 steps (Liang et al. 2021)"

  let setup: ImagePriorSetup

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .dipSoftmax)
  }

  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit {
    let kernel = SoftmaxKernel(side: problem.side, key: key, in: workspace)
    return try JointFit(problem, kernel, key: key, in: workspace)
  }
}
