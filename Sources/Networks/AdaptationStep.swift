import Numerics

/// What one adaptation step reports, before its updates (paper, Eq. 4 and 5).
public struct StepLosses: Sendable, Equatable {
  /// mean |D(G(p)) - 1|
  public var adversarial: Float
  /// |1 - sum k|, not yet times its weight
  public var sumToOne: Float
  /// mean |D(real) - 1| / 2 + mean |D(fake)| / 2
  public var discriminator: Float

  public static let zero = StepLosses(adversarial: 0, sumToOne: 0, discriminator: 0)

  public init(adversarial: Float, sumToOne: Float, discriminator: Float) {
    (self.adversarial, self.sumToOne, self.discriminator) = (adversarial, sumToOne, discriminator)
  }
}

/// Learning rates and loss weights of one adaptation step.
public struct StepSettings: Sendable, Equatable {
  /// alpha_G, of the generator's gradient descent
  public var generatorRate: Double
  /// alpha_D, of the discriminator's
  public var discriminatorRate: Double
  /// zeta, of the sum-to-one term
  public var sumToOneWeight: Float
  /// Standard deviation of the noise on both inputs of the discriminator's own step
  public var noise: Float

  /// The paper's (section 4), with the noise of the authors' code.
  public static let paper = StepSettings(
    generatorRate: 0.01, discriminatorRate: 0.2, sumToOneWeight: 0.5, noise: 1 / 255)

  public init(generatorRate: Double, discriminatorRate: Double, sumToOneWeight: Float, noise: Float) {
    (self.generatorRate, self.discriminatorRate) = (generatorRate, discriminatorRate)
    (self.sumToOneWeight, self.noise) = (sumToOneWeight, noise)
  }
}

/// What one step looks at. Planar, sample values in [0, 1]; filled by the caller before each step.
package final class StepInput {
  /// The generator's input, (patches, 3, inputSide, inputSide).
  package let regions: FloatBuffer
  /// Patches as they are in the picture, (patches, 3, patchSide, patchSide).
  package let real: FloatBuffer
  /// Unit normals for the discriminator's two inputs, shaped as `real`.
  package let noiseReal: FloatBuffer, noiseFake: FloatBuffer

  package init(_ architecture: Architecture, patches: Int) {
    let patch = Architecture.colours * architecture.patchSide * architecture.patchSide
    regions = FloatBuffer(patches * Architecture.colours * architecture.inputSide * architecture.inputSide)
    real = FloatBuffer(patches * patch)
    // Philox makes normals in sixty-fours.
    noiseReal = FloatBuffer((patches * patch + 63) / 64 * 64)
    noiseFake = FloatBuffer(noiseReal.count)
  }
}

/// One step of the unsupervised adaptation (paper, Algorithm 1, line 9): gradient descent on the generator, then on
/// the discriminator with the generator just updated. Workspace of one thread; `run` allocates nothing.
package final class AdaptationStep {
  package let architecture: Architecture
  package let patches: Int
  package let input: StepInput
  package let unit: VectorUnit

  let generator: Generator
  let discriminator: Discriminator
  let backward: DiscriminatorBackward
  /// Laid out as a state, without u and v.
  let gradient: FloatBuffer
  let fake: FloatBuffer  // (patches, 3, patchSide, patchSide)
  let noisy: FloatBuffer  // likewise
  private let split: FloatBuffer  // (patches, 3, inputSide, 2, half)
  private let patchKernelGradient: FloatBuffer
  /// u and v during a meta-evaluation.
  let savedSpectral: FloatBuffer
  let half: Int

  /// Which of a step's three calls to the discriminator a probe sees, in their order.
  package enum Pass: Sendable, CaseIterable { case fakeForGenerator, real, fake }
  /// Called after each forward pass of the discriminator; tests look at its hidden units.
  package var probe: ((Pass, AdaptationStep) -> Void)?

  /// - Parameter patches: patches a step, in one batch.
  package init(_ architecture: Architecture, patches: Int = 1) throws(NumericsError) {
    self.architecture = architecture
    self.patches = patches
    unit = try VectorUnit.current()
    input = StepInput(architecture, patches: patches)
    generator = try Generator(architecture)
    discriminator = try Discriminator(architecture, patches: patches)
    backward = try DiscriminatorBackward(discriminator)
    gradient = FloatBuffer(architecture.trainedCount)
    fake = FloatBuffer(input.real.count)
    noisy = FloatBuffer(input.real.count)
    half = (architecture.patchSide + 15) / 16 * 16 + architecture.kernelSide / 2 + 1
    split = FloatBuffer(patches * Architecture.colours * architecture.inputSide * 2 * half)
    patchKernelGradient = FloatBuffer(generator.kernel.count)
    savedSpectral = FloatBuffer(architecture.layout.count - architecture.trainedCount)
  }

  /// The collapsed kernel of the generator as of the last `prepare` or `run`, (kernelSide, kernelSide).
  package var kernel: [Float] { generator.kernel.array }
  package var kernelSum: Float { unit.loops.sum(generator.kernel.pointer, generator.kernel.count) }

  /// Must precede the first `run` on a state, and any `run` after the state was changed from outside. With a
  /// `predicted` kernel adaptation starts there: the kernel is predicted + K(state) - K(state as it is now), K the
  /// collapse, so its gradient by the state is the collapse's.
  package func prepare(_ state: NetworkState, predicted: [Float]? = nil) {
    generator.offset = nil
    generator.collapse(state.buffer.pointer)
    guard let predicted else { return }
    generator.offset = zip(predicted, kernel).map { $0 - $1 }
    generator.kernel.load(predicted)
  }

  /// One step on `input`: updates `state`'s parameters, u and v.
  package func run(_ state: NetworkState, _ settings: StepSettings) -> StepLosses {
    splitRegions()
    makeFake()
    var losses = generatorGradient(state, sumToOneWeight: settings.sumToOneWeight)
    descend(state, over: 0..<architecture.generatorCount, rate: settings.generatorRate)
    generator.collapse(state.buffer.pointer)
    makeFake()
    losses.discriminator = discriminatorGradient(state, noise: settings.noise)
    descend(
      state, over: architecture.generatorCount..<architecture.trainedCount, rate: settings.discriminatorRate)
    return losses
  }

  // MARK: generator

  /// The regions' columns, split for stride 2; once a step, for both fakes and the gradient between them.
  func splitRegions() {
    let side = architecture.inputSide
    for p in 0..<patches {
      unit.loops.split_columns(
        input.regions.pointer + p * Architecture.colours * side * side, side, side, half, splitRegion(p))
    }
  }

  func splitRegion(_ patch: Int) -> UnsafeMutablePointer<Float> {
    split.pointer + patch * Architecture.colours * architecture.inputSide * 2 * half
  }

  var patchCount: Int { Architecture.colours * architecture.patchSide * architecture.patchSide }

  /// fake = G(regions), with the kernel as it stands.
  func makeFake() {
    for p in 0..<patches {
      unit.loops.convolve_stride2(
        splitRegion(p), architecture.inputSide, half, generator.kernel.pointer, architecture.kernelSide,
        architecture.patchSide, fake.pointer + p * patchCount)
    }
  }

  /// L_G = eta mean |D(G(p)) - 1| + zeta |1 - sum k| on `fake` as it stands, and its gradient by the generator.
  /// `addToImageGradient` and `addToKernelGradient` may add what other terms make of the fake's gradient and of the
  /// kernel's.
  func generatorGradient(
    _ state: NetworkState, adversarialWeight: Float = 1, sumToOneWeight: Float,
    addToImageGradient: (UnsafeMutablePointer<Float>) -> Void = { _ in },
    addToKernelGradient: (UnsafeMutablePointer<Float>) -> Void = { _ in }
  ) -> StepLosses {
    var losses = StepLosses.zero
    let weighted = judge(
      fake.pointer, by: state, pass: .fakeForGenerator, target: 1, weight: adversarialWeight)
    losses.adversarial = weighted / adversarialWeight
    backward.imageGradient()
    addToImageGradient(backward.dimages.pointer)
    losses.sumToOne = kernelGradient(sumToOneWeight: sumToOneWeight)
    addToKernelGradient(generator.kernelGradient.pointer)
    generator.collapseBackward(state.buffer.pointer, gradient.pointer)
    return losses
  }

  /// From the fakes' gradient and the sum-to-one term to the kernel's; returns |1 - sum k|.
  func kernelGradient(sumToOneWeight: Float) -> Float {
    let total = generator.kernelGradient
    total.clear()
    for p in 0..<patches {
      unit.loops.convolve_stride2_backward(
        splitRegion(p), architecture.inputSide, half, backward.dimages.pointer + p * patchCount,
        architecture.kernelSide, architecture.patchSide, patchKernelGradient.pointer)
      unit.loops.add_scaled(total.pointer, patchKernelGradient.pointer, 1, total.count)
    }
    let excess = kernelSum - 1
    let slope = excess > 0 ? sumToOneWeight : excess < 0 ? -sumToOneWeight : 0
    for i in 0..<total.count { total.pointer[i] += slope }
    return abs(excess)
  }

  // MARK: discriminator

  /// L_D = mean |D(real + n) - 1| / 2 + mean |D(fake + n')| / 2 on `fake` as it stands, and its gradient by the
  /// discriminator; `noise` is n's standard deviation.
  func discriminatorGradient(_ state: NetworkState, noise: Float) -> Float {
    let own = gradient.pointer + architecture.generatorCount
    own.update(repeating: 0, count: architecture.trainedCount - architecture.generatorCount)
    return judge(input.real, plus: input.noiseReal, times: noise, by: state, pass: .real, target: 1)
      + judge(fake, plus: input.noiseFake, times: noise, by: state, pass: .fake, target: 0)
  }

  /// Half of mean |D(patch + deviation normals) - target|, its gradient added.
  private func judge(
    _ patch: FloatBuffer, plus normals: FloatBuffer, times deviation: Float, by state: NetworkState,
    pass: Pass, target: Float
  ) -> Float {
    noisy.load(patch)
    unit.loops.add_scaled(noisy.pointer, normals.pointer, deviation, noisy.count)
    let loss = judge(noisy.pointer, by: state, pass: pass, target: target, weight: 0.5)
    backward.addWeightGradient(state.buffer.pointer, gradient.pointer)
    return loss
  }

  /// weight * mean |D(images) - target|, its gradient left in the backward pass's logits.
  private func judge(
    _ images: UnsafePointer<Float>, by state: NetworkState, pass: Pass, target: Float, weight: Float
  ) -> Float {
    discriminator.forward(images, state.buffer.pointer)
    probe?(pass, self)
    let rows = discriminator.rows
    let share = weight / Float(rows)
    return share
      * unit.loops.sigmoid_l1(
        discriminator.logits.pointer, rows, target, share, nil, backward.dlogits.pointer)
  }

  private func descend(_ state: NetworkState, over range: Range<Int>, rate: Double) {
    unit.loops.add_scaled(
      state.buffer.pointer + range.lowerBound, gradient.pointer + range.lowerBound, Float(-rate), range.count)
  }
}
