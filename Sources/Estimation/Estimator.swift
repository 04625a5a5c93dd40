public import BlurKernels
public import Checkpoints
public import Foresight
public import Imaging
public import Networks
import Numerics
public import SuperResolution

/// The kernel of one picture, and how it was found.
public struct Estimate: Sendable {
  /// A cross-correlation kernel, 11x11 at scale 2 and 21x21 at scale 4.
  public internal(set) var kernel: BlurKernel
  /// The weights that predicted it, or that adaptation started from; nil for a method that starts from nothing.
  public internal(set) var start: Checkpoint?
  /// Checkpoints whose predicted kernels were averaged with the start's.
  public internal(set) var averagedWith: [Checkpoint] = []
  /// The generator and discriminator that were adapted, where they come from another checkpoint than `start`.
  public internal(set) var networks: Checkpoint?
  /// The losses of each step before its updates; empty for a method without such losses.
  public let losses: [StepLosses]
  /// The kernels after fewer steps, by the number of steps, as far as `recording` asked for them.
  public internal(set) var recorded: [Int: BlurKernel]
  /// The kernel's likely error; nil where the method does not know it.
  public internal(set) var spread: KernelSpread?
  /// The result of the refinement; nil where there was none.
  public internal(set) var refinement: KernelRefinement.Outcome?
  /// Remarks for the user about the picture, one sentence each; they are no reason to trust the kernel less.
  public internal(set) var notes: [String] = []
  /// The enlarged picture, from a method that makes it together with the kernel; nil where the method worked on a part of
  /// the picture (`MethodOptions.crop`), which no picture of the whole can come of.
  public internal(set) var ownPicture: Picture?
}

/// Finds the blur kernel of pictures by adapting the GAN to each alone (paper, Algorithm 2). An instance belongs to
/// one thread. It may be used for any number of pictures; results depend on the arguments alone.
public final class Estimator {
  public let settings: EstimationSettings
  private let architecture: Architecture
  private let step: AdaptationStep
  private let state: NetworkState
  private let sampler = PatchSampler()

  /// The side of the regions that patches are taken from, in pixels (paper: two times the discriminator's 32).
  public static let regionSide = PictureSize.leastEstimatedSide

  /// - Throws: `EstimationError.numerics` on a processor without AVX2.
  public init(_ settings: EstimationSettings, architecture: Architecture = .paper) throws(EstimationError) {
    self.settings = settings
    self.architecture = architecture
    do { step = try AdaptationStep(architecture, patches: settings.patches) } catch {
      throw .numerics("\(error)")
    }
    state = NetworkState(architecture)
  }

  /// The kernel of one picture, 11x11 for the paper's generator.
  /// - Parameters:
  ///   - picture: any size; under 64x64 it is repeated circularly to that.
  ///   - start: the networks to start from; not changed.
  ///   - predicted: the kernel that adaptation starts from, in place of the start's own.
  ///   - seed: of patches and noise. Equal arguments give equal bytes on every machine.
  ///   - recording: numbers of steps, from 0 to all, whose kernels are wanted as well.
  ///   - onStep: called with the number of steps done: after each step, and before the first while the picture is looked
  ///     at. Throws `.cancelled` to stop.
  /// - Throws: what `onStep` throws; `EstimationError.diverged` where values of the kernel are not finite;
  ///   `.noMass` where it cannot be normalised.
  public func estimate(
    _ picture: Picture, from start: NetworkState, predicted: BlurKernel? = nil, seed: UInt64,
    recording: [Int] = [],
    onStep: (Int) throws(EstimationError) -> Void = { _ in }
  ) throws(EstimationError) -> Estimate {
    let picture = picture.padded(toAtLeast: Self.regionSide)
    let draws = try settings.steps > 0 ? PatchDraws(picture, seed: seed, onStep: onStep) : nil
    state.load(start)
    step.prepare(state, predicted: predicted?.values.map(Float.init))
    var losses: [StepLosses] = []
    losses.reserveCapacity(settings.steps)
    var track = KernelTrack(settings)
    track.append(step.kernel)
    let recorded = try StepLoop.run(
      settings.steps, recording: recording, onStep: onStep,
      advance: { number in
        if let draws {
          sampler.fill(step, from: picture, draws, index: number - 1, border: settings.border)
        }
        losses.append(step.run(state, settings.settings(ofUpdate: number - 1)))
        track.append(step.kernel)
      },
      kernel: { done throws(EstimationError) in try track.kernel(after: done) })
    return Estimate(kernel: try track.kernel(after: settings.steps), losses: losses, recorded: recorded)
  }
}

/// The last kernels of an adaptation, as many as the settings average.
private struct KernelTrack {
  private let settings: EstimationSettings
  private var last: [[Float]] = []

  init(_ settings: EstimationSettings) { self.settings = settings }

  mutating func append(_ kernel: [Float]) {
    last.append(kernel)
    if last.count > max(settings.averagedSteps, 1) { last.removeFirst() }
  }

  /// The result of `steps` steps. The starting kernel takes part in a mean only where there is no other.
  func kernel(after steps: Int) throws(EstimationError) -> BlurKernel {
    let part = last.suffix(max(min(settings.averagedSteps, steps), 1))
    var values = [Double](repeating: 0, count: last[0].count)
    for kernel in part { for i in values.indices { values[i] += Double(kernel[i]) } }
    if part.count > 1 { values = values.map { $0 / Double(part.count) } }
    guard values.allSatisfy(\.isFinite) else { throw .diverged(steps: steps) }
    let kernel = BlurKernel(side: Int(Double(values.count).squareRoot()), values: values)
    guard settings.normalised else { return kernel }
    guard kernel.sum > 0 else { throw .noMass(sum: kernel.sum) }
    return kernel.normalised()
  }
}

extension Estimate {
  /// Makes a predicted kernel the result of no steps. It is rounded to single precision, as an adaptation holds
  /// kernels, so that it equals the kernel that an adaptation starts from.
  init(
    predicted kernel: BlurKernel, _ settings: EstimationSettings, recording: [Int]
  ) throws(EstimationError) {
    var track = KernelTrack(settings)
    track.append(kernel.values.map(Float.init))
    let result = try track.kernel(after: 0)
    self.init(kernel: result, losses: [], recorded: recording.contains(0) ? [0: result] : [:])
  }

  /// The image noise, in 8-bit levels, that stands for the error of a kernel whose error is unknown.
  public static var unknownKernelNoise: Double { KernelSpread.unknownNoise }

  /// How well the kernel is known and explains the picture, for the judge of what is enlarged with it.
  public var standing: KernelStanding {
    KernelStanding(
      covarianceBound: spread?.covarianceBound ?? KernelStanding.unknown.covarianceBound,
      typicalDifference: spread?.typicalDifference ?? KernelStanding.unknown.typicalDifference,
      rivalRatio: refinement?.rivalRatio, departure: refinement?.fit?.departure,
      unexplained: refinement?.fit?.unexplained)
  }

  /// The image noise, in 8-bit levels, that stands for the kernel's uncertainty when a picture is enlarged with it.
  public var equivalentNoise: Double {
    let uncertainty = spread?.equivalentNoise(isRefined: refinement?.fit != nil) ?? KernelSpread.unknownNoise
    return max(uncertainty, refinement?.equivalentNoise ?? 0)
  }

  /// The estimate with every kernel at `scale` 2 (as it is) or 4 (21x21, derived analytically).
  /// - Throws: `EstimationError.noMass` where a kernel's sum leaves nothing to derive it from.
  public func at(scale: Int) throws(EstimationError) -> Estimate {
    var other = self
    other.kernel = try Self.derived(kernel, scale)
    for (steps, kernel) in recorded { other.recorded[steps] = try Self.derived(kernel, scale) }
    return other
  }

  private static func derived(_ kernel: BlurKernel, _ scale: Int) throws(EstimationError) -> BlurKernel {
    guard scale == 4 else { return kernel }
    do { return try kernel.x4() } catch { throw .noMass(sum: kernel.sum) }
  }

  /// For an estimate at scale 2, the kernel of a uniform ellipse whose spectrum looks like this kernel's, at `scale`
  /// 2 or 4. Networks trained on Gaussians predict wider ones for disks and boxes; the factor was fitted to held-out
  /// pictures (docs/decisions.md).
  func rival(scale: Int) throws(EstimationError) -> BlurKernel {
    try Self.derived(.evenEllipse(kernel.covariance * (scale == 2 ? 1 / 1.42 : 1 / 1.33)), scale)
  }
}
