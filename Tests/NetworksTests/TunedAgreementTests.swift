import NaiveTwin
import Networks
import Numerics
import Support
import Testing

/// The tuned single-precision networks against the plain double-precision ones: 1e-4 a tensor (PyTorch's own single
/// precision reaches 4e-5 at worst), units that differ within 1e-4 of zero.
@Suite("Agreement of the tuned networks with the plain ones")
struct TunedAgreementTests {
  static let tolerance = 1e-4

  func expectAgreement(_ run: TunedRun, _ outcome: NaiveGAN.Outcome) {
    #expect(run.largestDisagreement(with: outcome) < Self.tolerance)
    for (tuned, plain) in zip(run.outputs, outcome.calls) {
      #expect(relativeError(tuned.map(Double.init), plain.output) < Self.tolerance)
    }
    let worst = gradientExcess(
      run.gradient, outcome.gradient, relative: Self.tolerance, absoluteForBiases: 3e-6)
    #expect(worst.excess < 1, "gradient of \(worst.name)")
  }

  func expectStep(_ plain: NaiveGAN, _ input: NaiveGAN.Input) throws {
    var twin = plain
    var run = try TunedRun(twin, input)
    let losses = run.record { $0.run($1, .paper) }
    let outcome = twin.step(input, masks: run.masks)
    expectAgreement(run, outcome)
    let tuned = [losses.adversarial, losses.sumToOne, losses.discriminator].map(Double.init)
    // Absolute: the sum-to-one term may be as small as the rounding of the sum.
    for (a, b) in zip(tuned, outcome.losses) { #expect(abs(a - b) < 1e-5) }
    for (name, values) in run.named(run.state.values) {
      #expect(
        relativeError(values, twin.tensors[name, default: []]) < Self.tolerance, "\(name) after the step")
    }
    #expect(relativeError(run.step.kernel.map(Double.init), twin.kernel) < Self.tolerance)
  }

  func expectMetaEvaluation(_ twin: NaiveGAN, _ input: NaiveGAN.Input, trueKernel: [Double]) throws {
    var run = try TunedRun(twin, input)
    let before = run.state.values
    let target = FloatBuffer(trueKernel.count)
    target.load(trueKernel.map(Float.init))
    let losses = run.record { $0.metaEvaluate($1, trueKernel: target, .paper, noise: 1 / 255) }
    let outcome = twin.metaEvaluation(input, trueKernel: trueKernel, masks: run.masks)
    expectAgreement(run, outcome)
    #expect(abs(Double(losses.generator(.paper)) - outcome.metaLossGenerator) < 1e-5)
    #expect(abs(Double(losses.discriminator) - outcome.metaLossDiscriminator) < 1e-5)
    #expect(run.state.values == before, "an evaluation leaves no trace")
  }

  // MARK: from the published states

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)), arguments: [0, 4, 8])
  func `estimation step`(step: Int) throws {
    let reference = try ReferenceData("estimate")
    try expectStep(try ReferenceData.official(), try reference.estimationInput(step))
  }

  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)),
    arguments: ["official", "fresh"], [1, 25])
  func `task step`(start: String, step: Int) throws {
    let reference = try ReferenceData("task")
    try expectStep(try reference.twin("\(start).before_step\(step)"), try reference.taskInput(step - 1))
  }

  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)),
    arguments: MetaEvaluationCase.all)
  func `meta evaluation`(_ test: MetaEvaluationCase) throws {
    let reference = try ReferenceData("task")
    try expectMetaEvaluation(
      try reference.twin(test.state), try test.input(reference),
      trueKernel: try reference.single.doubles("kernel"))
  }

  // MARK: from fresh states, without the reference

  /// The paper's networks with one patch and with three in a batch, and KernelGAN's 13x13 generator on 26x26 patches.
  @Test(arguments: [([7, 3, 3, 1, 1, 1], 32, 1), ([7, 3, 3, 1, 1, 1], 32, 3), ([7, 5, 3, 1, 1, 1], 26, 2)])
  func `fresh step`(kernels: [Int], side: Int, patches: Int) throws {
    let (twin, input) = RandomNetworks.make(
      kernels: kernels, side: side, patches: patches, key: UInt64(side + patches))
    try expectStep(twin, input)
    let count = twin.kernelSide * twin.kernelSide
    try expectMetaEvaluation(twin, input, trueKernel: [Double](repeating: 1 / Double(count), count: count))
  }
}

/// Networks at random and inputs that look a little like a picture, from a key.
enum RandomNetworks {
  static func make(kernels: [Int], side: Int, patches: Int, key: UInt64) -> (NaiveGAN, NaiveGAN.Input) {
    let architecture = Architecture(generatorKernels: kernels, patchSide: side)
    let state = NetworkState(architecture, freshFrom: key)
    var random = Philox(key: key, stream: 1)
    let tensors = architecture.layout.entries.map { entry in
      // Batch norm's scales and shifts start at one and zero, which would hide mistakes.
      let norm = entry.name.contains("norm")
      return (
        entry.name, state.values(entry.name).map { Double($0) + (norm ? random.uniform(in: -0.2..<0.2) : 0) }
      )
    }
    let twin = NaiveGAN(
      generatorKernels: kernels, patchSide: side,
      tensors: Dictionary(uniqueKeysWithValues: tensors).mapValues {
        $0.map { Double(Float($0)) }
      })
    func picture(_ planes: Int, _ n: Int) -> [Double] {
      var level = 0.5
      return (0..<planes * n * n).map { _ in
        level = min(max(level + random.uniform(in: -0.2..<0.2), 0), 1)
        return Double(Float(level))
      }
    }
    func normals(_ count: Int) -> [Double] { (0..<count).map { _ in random.uniform(in: -2..<2) / 255 } }
    let count = 3 * patches * side * side
    let input = NaiveGAN.Input(
      regions: picture(3 * patches, twin.inputSide), real: picture(3 * patches, side),
      noiseReal: normals(count),
      noiseFake: normals(count))
    return (twin, input)
  }
}
