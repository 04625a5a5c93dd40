public import Checkpoints
public import Imaging

/// KernelGAN with FKP's kernel prior (Liang et al., "Flow-based kernel prior with application to blind
/// super-resolution", CVPR 2021): the prior's latent vector is trained on the picture, against a Wasserstein critic.
/// `docs/methods.md` has the details.
public struct KernelGANFKPMethod: EstimationMethod {
  public static let name = "kernelgan-fkp"
  public static let summary = "fits FKP's kernel prior by a GAN, 1000 iterations (Liang et al. 2021)"
  public static let startsFromWeights = true

  public let steps: Int
  public var checkpoint: Checkpoint? { weights.checkpoint }
  private let weights: FlowWeights

  /// - Throws: `EstimationError.notFollowed` where anything but the steps and the checkpoint is set, `.noCheckpoint`,
  ///   `CheckpointError`.
  public init(_ options: MethodOptions) throws {
    try options.refuse(allBut: ["--checkpoint", "--steps"], for: Self.name)
    weights = try FlowWeights(options)
    steps = options.steps ?? 1000
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let game = try PriorGame(picture, weights.flow, seed: seed) { () throws(EstimationError) in
      try onStep(0)
    }
    var estimate = try game.estimate(steps: steps, recording: recording, onStep: onStep)
    estimate.start = weights.checkpoint
    return try estimate.at(scale: scale)
  }
}
