import BlurKernels
import Imaging
import Networks
import Numerics

/// The state of KernelGAN on one picture: both networks, trained from scratch, and the schedule.
final class InternalTraining: KernelTraining {
  private static let architecture = Architecture(generatorKernels: [7, 5, 3, 1, 1, 1], patchSide: 26)

  private let crops: CropPairs
  private let state: NetworkState
  private let iteration: ConstrainedStep
  private let constraints = KernelConstraints(side: architecture.kernelSide)
  private var schedule = ConstraintSchedule()
  private var done = 0

  /// - Parameter check: called for each of the picture's rows; what it throws ends the work.
  /// - Throws: `EstimationError.numerics` on a processor without AVX2.
  init(
    _ picture: Picture, seed: UInt64, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    let key = MethodDraws.kernelGAN.key(seed: seed)
    crops = try CropPairs(picture, Self.architecture, key: key, check: check)
    do {
      state = try NetworkState(Self.architecture, smallXavierFrom: Philox.key(key, .initialisation))
      iteration = try ConstrainedStep(Self.architecture)
    } catch { throw .numerics("\(error)") }
    iteration.step.prepare(state)
  }

  /// Makes one iteration.
  /// - Returns: its losses before the updates.
  func advance() -> StepLosses {
    crops.fill(iteration.step, iteration: done)
    let settings = ConstrainedSettings(
      rate: schedule.rate, bicubicWeight: Float(schedule.bicubic), sumToOneWeight: Float(schedule.sumToOne),
      noise: 1 / 255)
    let losses = iteration.run(state, settings, addToKernelGradient: addSlopes)
    schedule.finish(iteration: done, bicubicLoss: losses.bicubic)
    done += 1
    return losses.gan
  }

  private func addSlopes(_ kernel: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) {
    let side = Self.architecture.kernelSide
    let values = (0..<side * side).map { Double(kernel[$0]) }
    var slopes = [Double](repeating: 0, count: values.count)
    _ = constraints.boundaries(values, weight: schedule.boundaries, &slopes)
    if schedule.central > 0 { _ = constraints.central(values, weight: schedule.central, &slopes) }
    if schedule.sparse > 0 { _ = constraints.sparse(values, weight: schedule.sparse, &slopes) }
    for i in slopes.indices { gradient[i] += Float(slopes[i]) }
  }

  /// The current kernel, cleaned, 11x11.
  /// - Throws: `EstimationError.noMass` where cleaning leaves nothing of it.
  func kernel() throws(EstimationError) -> BlurKernel {
    let found = BlurKernel(side: Self.architecture.kernelSide, values: iteration.step.kernel.map(Double.init))
    guard let cleaned = found.cleanedAsByKernelGAN() else { throw .noMass(sum: found.sum) }
    return cleaned
  }
}
