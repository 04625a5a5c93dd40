import Layers
import Numerics

/// Double-DIP (Ren, Zhang, Wang, Hu, Zuo: "Neural blind deconvolution using deep priors", CVPR 2020), as FKP's authors compare
/// with it: a deep image prior makes the picture, a dense network the kernel. See `docs/methods.md`.
public struct DoubleDIPMethod: EstimationMethod, ImagePriorMethod {
  public static let name = "double-dip"
  public static let summary =
    "fits a picture network and a dense kernel network, 1000 steps (Ren et al. 2020)"

  let setup: ImagePriorSetup

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .doubleDIP)
  }

  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit {
    let kernel = try DenseKernel(side: problem.side, key: key, in: workspace)
    return try JointFit(problem, kernel, key: key, in: workspace)
  }
}
