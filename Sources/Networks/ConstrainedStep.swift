import Numerics

/// What an iteration of KernelGAN weighs its losses by, and its rate.
package struct ConstrainedSettings: Sendable, Equatable {
  /// Adam's, of both networks.
  package var rate: Double
  /// Of the mean squared difference from a bicubic downscaling.
  package var bicubicWeight: Float
  /// Of |1 - sum k|.
  package var sumToOneWeight: Float
  /// Standard deviation of the noise on both inputs of the discriminator's own step.
  package var noise: Float

  package init(rate: Double, bicubicWeight: Float, sumToOneWeight: Float, noise: Float) {
    (self.rate, self.noise) = (rate, noise)
    (self.bicubicWeight, self.sumToOneWeight) = (bicubicWeight, sumToOneWeight)
  }
}

/// One iteration of KernelGAN (Bell-Kligler, Shocher, Irani 2019): the adaptation step with a generator that is also
/// held to a bicubic downscaling and to what the caller wants of its kernel, and with Adam for both networks. Workspace
/// of one thread and one training, whose moments it keeps.
package final class ConstrainedStep {
  package let step: AdaptationStep
  private let adam = Adam(beta1: 0.5)
  private var time = 0
  /// Adam's, laid out as a state without u and v.
  private let first, second: FloatBuffer
  private let bicubic: FloatBuffer  // (kernelSide, kernelSide)
  private let excess: FloatBuffer  // (3, patchSide, patchSide): fake minus the downscaling

  package init(_ architecture: Architecture) throws(NumericsError) {
    step = try AdaptationStep(architecture)
    (first, second) = (FloatBuffer(architecture.trainedCount), FloatBuffer(architecture.trainedCount))
    bicubic = FloatBuffer(architecture.kernelSide * architecture.kernelSide)
    bicubic.load(Self.bicubicKernel(side: architecture.kernelSide))
    excess = FloatBuffer(step.fake.count)
  }

  /// One iteration on the step's input: updates `state`'s parameters, u and v. As with the adaptation step, `prepare`
  /// precedes the first.
  ///
  /// - Parameter addToKernelGradient: adds the slopes of further terms: (kernel, gradient), both (kernelSide,
  ///   kernelSide).
  /// - Returns: the losses before the updates, the bicubic one not yet times its weight.
  package func run(
    _ state: NetworkState, _ settings: ConstrainedSettings,
    addToKernelGradient: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> (gan: StepLosses, bicubic: Float) {
    time += 1
    let architecture = step.architecture
    step.splitRegions()
    step.makeFake()
    var bicubic: Float = 0
    var losses = step.generatorGradient(
      state, sumToOneWeight: settings.sumToOneWeight,
      addToImageGradient: { bicubic = addBicubic(weight: settings.bicubicWeight, to: $0) },
      addToKernelGradient: { addToKernelGradient(step.generator.kernel.pointer, $0) })
    update(state, over: 0..<architecture.generatorCount, rate: settings.rate)
    step.generator.collapse(state.buffer.pointer)
    step.makeFake()
    losses.discriminator = step.discriminatorGradient(state, noise: settings.noise)
    update(state, over: architecture.generatorCount..<architecture.trainedCount, rate: settings.rate)
    return (losses, bicubic)
  }

  private func update(_ state: NetworkState, over part: Range<Int>, rate: Double) {
    let start = part.lowerBound
    adam.update(
      state.buffer.pointer + start, first: first.pointer + start, second: second.pointer + start,
      gradient: step.gradient.pointer + start, count: part.count, rate: rate, time: time, unit: step.unit)
  }

  // MARK: bicubic

  /// Adds weight times the gradient of mean (fake - downscaling)^2 by the fake, and returns that mean.
  private func addBicubic(weight: Float, to gradient: UnsafeMutablePointer<Float>) -> Float {
    fillExcess()
    let loops = step.unit.loops
    let share = 1 / Float(excess.count)
    loops.add_scaled(gradient, excess.pointer, 2 * weight * share, excess.count)
    return share * loops.dot(excess.pointer, excess.pointer, excess.count)
  }

  /// Each colour of the fake is compared with the sum of all three colours' downscalings: so the authors' program has
  /// it, whose thresholds and figures depend on it. It lets the kernel's sum rise towards 3 at first.
  private func fillExcess() {
    let architecture = step.architecture
    let loops = step.unit.loops
    let plane = architecture.patchSide * architecture.patchSide
    loops.convolve_stride2(
      step.splitRegion(0), architecture.inputSide, step.half, bicubic.pointer, architecture.kernelSide,
      architecture.patchSide, excess.pointer)
    for i in 0..<plane {
      let sum = excess.pointer[i] + excess.pointer[plane + i] + excess.pointer[2 * plane + i]
      for colour in 0..<Architecture.colours { excess.pointer[colour * plane + i] = -sum }
    }
    loops.add_scaled(excess.pointer, step.fake.pointer, 1, excess.count)
  }

  /// The antialiased bicubic kernel of scale 2 (Keys 1981 with a = -0.5, stretched twofold: 8x8 values), (side, side),
  /// centred half a pixel right of and below the middle of an odd side, where it belongs to the same output pixel.
  package static func bicubicKernel(side: Int) -> [Float] {
    let line = (0..<side).map { cubic((Double($0) - Double(side) / 2) / 2) / 2 }
    return line.flatMap { row in line.map { Float(row * $0) } }
  }

  private static func cubic(_ x: Double) -> Double {
    let x = abs(x)
    return switch x {
    case ..<1: (1.5 * x - 2.5) * x * x + 1
    case ..<2: ((-0.5 * x + 2.5) * x - 4) * x + 2
    default: 0
    }
  }
}
