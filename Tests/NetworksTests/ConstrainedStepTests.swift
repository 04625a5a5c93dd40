import NaiveTwin
import Networks
import Numerics
import Testing

/// What KernelGAN's iteration adds to the adaptation step, whose own parts are tested elsewhere.
@Suite("KernelGAN's iteration")
struct ConstrainedStepTests {
  static let architecture = Architecture(generatorKernels: [7, 5, 3, 1, 1, 1], patchSide: 26)

  /// A network at random, its input, and an iteration ready to run on them.
  struct Stage {
    let twin: NaiveGAN, input: NaiveGAN.Input
    let state: NetworkState
    let iteration: ConstrainedStep

    init(key: UInt64) throws {
      (twin, input) = RandomNetworks.make(kernels: [7, 5, 3, 1, 1, 1], side: 26, patches: 1, key: key)
      let run = try TunedRun(twin, input)
      state = run.state
      iteration = try ConstrainedStep(architecture)
      for (target, source) in [
        (iteration.step.input.regions, run.step.input.regions),
        (iteration.step.input.real, run.step.input.real),
        (iteration.step.input.noiseReal, run.step.input.noiseReal),
        (iteration.step.input.noiseFake, run.step.input.noiseFake),
      ] { target.load(source) }
      iteration.step.prepare(state)
    }

    /// The losses, and the gradient by the kernel before the caller's own terms.
    func run(bicubicWeight: Float, rate: Double = 0) -> (
      losses: (gan: StepLosses, bicubic: Float), slopes: [Double]
    ) {
      var slopes: [Double] = []
      let settings = ConstrainedSettings(
        rate: rate, bicubicWeight: bicubicWeight, sumToOneWeight: 0.5, noise: 1 / 255)
      let losses = iteration.run(state, settings) { _, gradient in
        slopes = (0..<169).map { Double(gradient[$0]) }
      }
      return (losses, slopes)
    }
  }

  /// mean (G(p) - bicubic(p))^2 in double precision, each colour against the sum of all three.
  static func bicubicLoss(_ twin: NaiveGAN, _ regions: [Double], kernel: [Double]) -> Double {
    let plane = 26 * 26
    let bicubic = ConstrainedStep.bicubicKernel(side: 13).map(Double.init)
    let fake = twin.generate(regions, kernel: kernel)
    let ideal = twin.generate(regions, kernel: bicubic)
    let squares = fake.indices.map { i in
      let sum = ideal[i % plane] + ideal[plane + i % plane] + ideal[2 * plane + i % plane]
      return (fake[i] - sum) * (fake[i] - sum)
    }
    return squares.reduce(0, +) / Double(fake.count)
  }

  /// The loss, and its slope by every entry of the kernel against central differences, exact for a parabola. 1e-4: single
  /// precision, and two large gradients' difference.
  @Test func `bicubic loss and slope`() throws {
    let plain = try Stage(key: 41).run(bicubicWeight: 0)
    let stage = try Stage(key: 41)
    let held = stage.run(bicubicWeight: 5)
    let kernel = stage.twin.kernel
    func loss(_ kernel: [Double]) -> Double {
      Self.bicubicLoss(stage.twin, stage.input.regions, kernel: kernel)
    }
    #expect(abs(Double(held.losses.bicubic) / loss(kernel) - 1) < 1e-5)
    #expect(plain.losses.gan == held.losses.gan)
    let expected = kernel.indices.map { i in
      var (above, below) = (kernel, kernel)
      above[i] += 0.5
      below[i] -= 0.5
      return loss(above) - loss(below)
    }
    let slopes = zip(held.slopes, plain.slopes).map { ($0 - $1) / 5 }
    #expect(relativeError(slopes, expected) < 1e-4)
  }

  /// The published weights of an 8x8 bicubic downscaling (17 = 13 + 4 rows, so also the zeros around it).
  @Test(arguments: [13, 17])
  func `bicubic kernel`(side: Int) {
    let line = [-3, -9, 29, 111, 111, 29, -9, -3].map { Float($0) / 256 }
    let kernel = ConstrainedStep.bicubicKernel(side: side)
    let first = side / 2 - 3
    for row in 0..<side {
      for column in 0..<side {
        let inside = (first..<first + 8).contains(row) && (first..<first + 8).contains(column)
        #expect(kernel[row * side + column] == (inside ? line[row - first] * line[column - first] : 0))
      }
    }
  }

  /// Adam's first update moves every parameter against its gradient by the rate, whatever the gradient's size: of both
  /// networks. The tolerance is the rounding of parameters of up to 2.
  @Test func `both networks move by the rate`() throws {
    let stage = try Stage(key: 42)
    let before = stage.state.values
    _ = stage.run(bicubicWeight: 5, rate: 1e-3)
    let gradient = stage.iteration.step.lastGradient
    for (i, slope) in gradient.enumerated() where abs(slope) > 1e-4 {
      let moved = stage.state.values[i] - before[i]
      if abs(moved - (slope > 0 ? -1e-3 : 1e-3)) > 1e-6 { Issue.record("parameter \(i) moved by \(moved)") }
    }
    #expect(gradient.count { abs($0) > 1e-4 } > gradient.count / 4)
  }

  /// A tenth of Xavier's deviation for weights (2 %: some 100,000 draws), nothing for biases, unit vectors.
  @Test func start() throws {
    let state = try NetworkState(Self.architecture, smallXavierFrom: 5)
    func deviation(_ name: String, around mean: Float) -> Float {
      let values = state.values(name)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
    }
    let expected = 0.1 * (2 / Float(2 * 64 * 25)).squareRoot()
    #expect(abs(deviation("generator.conv2.weight", around: 0) / expected - 1) < 0.02)
    #expect(abs(deviation("discriminator.norm3.weight", around: 1) / 0.02 - 1) < 0.3)
    for name in ["discriminator.conv1.bias", "discriminator.norm2.bias"] {
      #expect(state.values(name).allSatisfy { $0 == 0 })
    }
    #expect(abs(state.values("discriminator.conv1.v").reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    #expect(try NetworkState(Self.architecture, smallXavierFrom: 5).values == state.values)
    #expect(try NetworkState(Self.architecture, smallXavierFrom: 6).values != state.values)
  }
}
