public import Checkpoints
public import Imaging
import Layers
import Numerics

/// Double-DIP (Ren, Zhang, Wang, Hu, Zuo: "Neural blind deconvolution using deep priors", CVPR 2020), as FKP's authors compare
/// with it: a deep image prior makes the picture, a dense network the kernel. See `docs/methods.md`.
public struct DoubleDIPMethod: EstimationMethod {
  public static let name = "double-dip"
  public static let summary =
    "fits a picture network and a dense kernel network, 1000 steps (Ren et al. 2020)"

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
    let key = Philox.key(seed, .estimation, 2)
    let workspace = try Workspace()
    let kernel = try DenseKernel(side: problem.side, key: key, in: workspace)
    let fit = try JointFit(problem, kernel, key: key, in: workspace)
    return try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
  }
}
