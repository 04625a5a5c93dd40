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

  private let setup: ImagePriorSetup
  public var steps: Int { setup.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the crop is set: the rest is fixed.
  public init(_ options: MethodOptions) throws {
    setup = try ImagePriorSetup(options, for: Self.name, draws: .doubleDIP)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    try setup.estimate(picture, scale: scale, seed: seed, recording: recording, onStep: onStep) {
      problem, key, workspace throws(NumericsError) in
      let kernel = try DenseKernel(side: problem.side, key: key, in: workspace)
      return try JointFit(problem, kernel, key: key, in: workspace)
    }
  }
}
