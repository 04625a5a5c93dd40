import BlurKernels
public import Checkpoints
public import Imaging
import Networks

/// KernelGAN with FKP's kernel prior (Liang et al., "Flow-based kernel prior with application to blind super-resolution",
/// CVPR 2021): what is trained on the picture is the prior's latent vector, against a Wasserstein critic. docs/methods.md
/// has the details.
public struct KernelGANFKPMethod: EstimationMethod {
  public static let name = "kernelgan-fkp"
  public static let summary = "fits FKP's kernel prior by a GAN, 1000 iterations (Liang et al. 2021)"
  public static let startsFromWeights = true

  public let steps: Int
  public var checkpoint: Checkpoint? { weights.checkpoint }
  private let weights: FlowWeights

  /// - Throws: `EstimationError.notFollowed` where anything but `steps` and `checkpoint` is set, `.noCheckpoint`,
  ///   `CheckpointError`.
  public init(_ options: MethodOptions) throws {
    weights = try FlowWeights(options, for: Self.name)
    steps = options.steps ?? 1000
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let game = try PriorGame(picture, weights.flow, seed: seed) { () throws(EstimationError) in try onStep(0)
    }
    var losses: [StepLosses] = []
    let recorded = try StepLoop.run(
      steps, recording: recording, onStep: onStep, advance: { _ in losses.append(game.advance()) },
      kernel: { _ throws(EstimationError) in try game.kernel() })
    var estimate = Estimate(kernel: try game.kernel(), losses: losses, recorded: recorded)
    estimate.start = weights.checkpoint
    return try estimate.at(scale: scale)
  }
}
