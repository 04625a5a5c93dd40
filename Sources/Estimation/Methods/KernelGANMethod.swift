import BlurKernels
public import Checkpoints
public import Imaging
import Networks

/// KernelGAN (Bell-Kligler, Shocher, Irani: "Blind Super-Resolution Kernel Estimation using an Internal-GAN", NeurIPS
/// 2019), the baseline that MetaKernelGAN grew from: both networks are trained on the picture alone, from scratch. See
/// `docs/methods.md` for what is known of it from where.
public struct KernelGANMethod: EstimationMethod {
  public static let name = "kernelgan"
  public static let summary = "trains the GAN from scratch, 3000 steps (Bell-Kligler et al. 2019)"

  public static let startsFromWeights = false

  public let steps: Int
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where anything but `steps` is set: the rest of the procedure is fixed.
  public init(_ options: MethodOptions) throws {
    let others = options.named.filter { $0 != "--steps" }
    guard others.isEmpty else { throw EstimationError.notFollowed(method: Self.name, options: others) }
    steps = options.steps ?? 3000
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let training = try InternalTraining(picture, seed: seed) { () throws(EstimationError) in try onStep(0) }
    var losses: [StepLosses] = []
    let recorded = try StepLoop.run(
      steps, recording: recording, onStep: onStep, advance: { _ in losses.append(training.advance()) },
      kernel: { _ throws(EstimationError) in try training.kernel() })
    return try Estimate(kernel: training.kernel(), losses: losses, recorded: recorded).at(scale: scale)
  }
}
