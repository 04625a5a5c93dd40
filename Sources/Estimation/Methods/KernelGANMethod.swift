public import Checkpoints
public import Imaging

/// KernelGAN (Bell-Kligler, Shocher, Irani: "Blind Super-Resolution Kernel Estimation using an Internal-GAN", NeurIPS
/// 2019), the baseline of MetaKernelGAN: both networks are trained on the picture alone, from scratch.
/// `docs/methods.md` has the details and their sources.
public struct KernelGANMethod: EstimationMethod {
  public static let name = "kernelgan"
  public static let summary = "trains the GAN from scratch, 3000 steps (Bell-Kligler et al. 2019)"

  public static let startsFromWeights = false

  public let steps: Int
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but `steps` is set: the rest of the procedure is fixed.
  public init(_ options: MethodOptions) throws {
    try options.refuse(allBut: ["--steps"], for: Self.name)
    steps = options.steps ?? 3000
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let training = try InternalTraining(picture, seed: seed) { () throws(EstimationError) in try onStep(0) }
    return try training.estimate(steps: steps, recording: recording, onStep: onStep).at(scale: scale)
  }
}
