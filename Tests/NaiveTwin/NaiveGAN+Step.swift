import Foundation

func exponential(_ x: Double) -> Double { exp(x) }

extension NaiveGAN {
  /// One step's inputs: regions (patches, 3, inputSide, inputSide), real patches and both noises (already scaled).
  public struct Input {
    public var regions: [Double], real: [Double], noiseReal: [Double], noiseFake: [Double]
    public init(regions: [Double], real: [Double], noiseReal: [Double], noiseFake: [Double]) {
      (self.regions, self.real, self.noiseReal, self.noiseFake) = (regions, real, noiseReal, noiseFake)
    }
  }

  /// Which units are active in a step's three calls of the discriminator, in their order.
  public typealias StepMasks = [[[Bool]]]

  public struct Outcome {
    public var generated: [Double] = []
    /// The three calls: the generator's, real, fake.
    public var calls: [Judgement] = []
    public var losses: [Double] = []
    public var gradient: Gradient = [:]
    public var metaLossGenerator = 0.0, metaLossDiscriminator = 0.0
  }

  /// mean |output - target| times weight, and its gradient by the outputs
  private func distance(_ output: [Double], to target: Double, weight: Double) -> (Double, [Double]) {
    let share = weight / Double(output.count)
    let signs = output.map { $0 > target ? share : $0 < target ? -share : 0 }
    return (share * output.reduce(0) { $0 + abs($1 - target) }, signs)
  }

  /// Gradient of mean |D(G(p)) - 1| + zeta |1 - sum k| + omega sum |k - true kernel| by the generator.
  private mutating func generatorGradient(
    _ input: Input, zeta: Double, omega: Double, trueKernel: [Double]?, masks: [[Bool]]?,
    _ outcome: inout Outcome
  ) -> Gradient {
    let kernel = kernel
    outcome.generated = generate(input.regions, kernel: kernel)
    let call = judge(outcome.generated, masks: masks)
    let (adversarial, doutput) = distance(call.output, to: 1, weight: 1)
    var ignored: Gradient = [:]
    var dkernel = generateBackward(input.regions, judgeBackward(call, by: doutput, addingTo: &ignored))
    let excess = kernel.reduce(0, +) - 1
    var pixel = 0.0
    for i in kernel.indices {
      dkernel[i] += excess > 0 ? zeta : excess < 0 ? -zeta : 0
      guard let trueKernel else { continue }
      let error = kernel[i] - trueKernel[i]
      pixel += abs(error)
      dkernel[i] += error > 0 ? omega : error < 0 ? -omega : 0
    }
    outcome.calls.append(call)
    outcome.losses = [adversarial, abs(excess)]
    outcome.metaLossGenerator = omega * pixel + adversarial + zeta * abs(excess)
    return collapseBackward(dkernel)
  }

  private mutating func discriminatorGradient(
    _ input: Input, fake: [Double], masks: StepMasks?, _ outcome: inout Outcome
  ) -> Gradient {
    var gradient: Gradient = [:]
    var loss = 0.0
    for (i, (patch, noise, target)) in [(input.real, input.noiseReal, 1.0), (fake, input.noiseFake, 0.0)]
      .enumerated()
    {
      let call = judge(zip(patch, noise).map(+), masks: masks?[i + 1])
      let (half, doutput) = distance(call.output, to: target, weight: 0.5)
      loss += half
      _ = judgeBackward(call, by: doutput, addingTo: &gradient)
      outcome.calls.append(call)
    }
    outcome.losses.append(loss)
    outcome.metaLossDiscriminator = loss
    return gradient
  }

  /// One adaptation step (paper, Algorithm 1, line 9).
  public mutating func step(
    _ input: Input, generatorRate: Double = 0.01, discriminatorRate: Double = 0.2, zeta: Double = 0.5,
    masks: StepMasks? = nil
  ) -> Outcome {
    var outcome = Outcome()
    let g = generatorGradient(input, zeta: zeta, omega: 0, trueKernel: nil, masks: masks?[0], &outcome)
    descend(g, generatorRate)
    let fake = generate(input.regions, kernel: kernel)
    let d = discriminatorGradient(input, fake: fake, masks: masks, &outcome)
    descend(d, discriminatorRate)
    outcome.gradient = g.merging(d) { a, _ in a }
    return outcome
  }

  /// The meta-losses and their gradients at these parameters (paper, Eq. 6); leaves no trace.
  public func metaEvaluation(
    _ input: Input, trueKernel: [Double], omega: Double = 1, zeta: Double = 0.5, masks: StepMasks? = nil
  ) -> Outcome {
    var twin = self
    var outcome = Outcome()
    let g = twin.generatorGradient(
      input, zeta: zeta, omega: omega, trueKernel: trueKernel, masks: masks?[0], &outcome)
    let d = twin.discriminatorGradient(input, fake: outcome.generated, masks: masks, &outcome)
    outcome.gradient = g.merging(d) { a, _ in a }
    return outcome
  }

  private mutating func descend(_ gradient: Gradient, _ rate: Double) {
    for (name, g) in gradient { tensors[name] = zip(tensors[name, default: []], g).map { $0 - rate * $1 } }
  }
}
