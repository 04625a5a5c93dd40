public import Degradation
public import Imaging
public import KernelGAN
import Numerics

/// The kernel of one picture, at scale 2, and how it was found.
public struct Estimate: Sendable {
  /// 11x11 for the paper's generator, a cross-correlation kernel.
  public let kernel: BlurKernel
  /// One entry a step, before its updates.
  public let losses: [StepLosses]
}

/// Finds the blur kernel of pictures by adapting the GAN to each alone (paper, Algorithm 2). A workspace of one thread:
/// it may be used for any number of pictures, and what it gives depends on the arguments alone.
public final class Estimator {
  public let settings: EstimationSettings
  private let architecture: Architecture
  private let step: AdaptationStep
  private let state: NetworkState
  private let sampler = PatchSampler()

  /// Sides of the regions that patches are drawn as (paper: two times the discriminator's 32).
  public static let regionSide = 64

  /// - Throws: `EstimationError.numerics` on a processor without AVX2.
  public init(_ settings: EstimationSettings, architecture: Architecture = .paper) throws(EstimationError) {
    self.settings = settings
    self.architecture = architecture
    do { step = try AdaptationStep(architecture, patches: settings.patches) } catch {
      throw .numerics("\(error)")
    }
    state = NetworkState(architecture)
  }

  /// - Parameters:
  ///   - picture: any size; under 64x64 it is repeated circularly to that.
  ///   - start: the networks to start from; not changed.
  ///   - seed: of patches and noise. Equal arguments give equal bytes on every machine.
  ///   - onStep: called after each step with the number of steps done.
  /// - Throws: `EstimationError.diverged` where the adaptation leaves the finite numbers.
  public func estimate(
    _ picture: Picture, from start: NetworkState, seed: UInt64, onStep: (Int) -> Void = { _ in }
  ) throws(EstimationError) -> Estimate {
    let picture = picture.padded(toAtLeast: Self.regionSide)
    let draws = PatchDraws(picture, seed: seed)
    state.load(start)
    step.prepare(state)
    var losses: [StepLosses] = []
    losses.reserveCapacity(settings.steps)
    var sum = [Double](repeating: 0, count: architecture.kernelSide * architecture.kernelSide)
    for index in 0..<settings.steps {
      sampler.fill(step, from: picture, draws, index: index, border: settings.border)
      losses.append(step.run(state, settings.settings(ofUpdate: index)))
      if index >= settings.steps - settings.averagedSteps { addKernel(to: &sum) }
      onStep(index + 1)
    }
    return Estimate(kernel: try finished(sum), losses: losses)
  }

  private func addKernel(to sum: inout [Double]) {
    for (i, value) in step.kernel.enumerated() { sum[i] += Double(value) }
  }

  private func finished(_ sum: [Double]) throws(EstimationError) -> BlurKernel {
    let count = min(settings.averagedSteps, settings.steps)
    let values = count > 1 ? sum.map { $0 / Double(count) } : step.kernel.map(Double.init)
    guard values.allSatisfy(\.isFinite) else { throw .diverged(steps: settings.steps) }
    let kernel = BlurKernel(side: architecture.kernelSide, values: values)
    guard settings.normalised else { return kernel }
    guard kernel.sum > 0 else { throw .noMass(sum: kernel.sum) }
    return kernel.normalised()
  }
}

extension Estimate {
  /// The kernel at `scale` 2 or 4 (21x21, derived analytically).
  /// - Throws: `EstimationError.noMass` where the kernel's sum leaves nothing to derive it from.
  public func kernel(scale: Int) throws(EstimationError) -> BlurKernel {
    guard scale == 4 else { return kernel }
    do { return try kernel.x4() } catch { throw .noMass(sum: kernel.sum) }
  }
}
