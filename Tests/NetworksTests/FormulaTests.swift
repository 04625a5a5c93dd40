import Checkpoints
import NaiveTwin
import Support
import Testing

/// The formulas: the plain double-precision networks against the authors' code in float64, every tensor by name, within
/// 1e-9 (an implementation from the definitions reached 2e-12).
@Suite(
  "Agreement of the formulas with the published implementation",
  .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct FormulaTests {
  static let tolerance = 1e-9

  func expectState(_ twin: NaiveGAN, _ file: SafeTensors, prefix: String) throws {
    for name in ReferenceData.names {
      let error = relativeError(twin.tensors[name, default: []], try file.doubles("\(prefix).\(name)"))
      #expect(error < Self.tolerance, "\(prefix).\(name)")
    }
  }

  func expectGradient(_ gradient: NaiveGAN.Gradient, _ file: SafeTensors, prefix: String) throws {
    let expected = Dictionary(
      uniqueKeysWithValues: try ReferenceData.parameterNames.map {
        ($0, try file.doubles("\(prefix).grad.\($0)"))
      })
    let worst = gradientExcess(gradient, expected, relative: Self.tolerance, absoluteForBiases: 1e-12)
    #expect(worst.excess < 1, "\(prefix).grad.\(worst.name)")
  }

  func expectStep(_ outcome: NaiveGAN.Outcome, _ file: SafeTensors, prefix: String) throws {
    let outputs = [
      ("generator_output", outcome.generated), ("losses", outcome.losses),
      ("discriminator_output_generator_step", outcome.calls[0].output),
      ("discriminator_output_real", outcome.calls[1].output),
      ("discriminator_output_fake", outcome.calls[2].output),
    ]
    for (name, value) in outputs {
      #expect(
        relativeError(value, try file.doubles("\(prefix).\(name)")) < Self.tolerance, "\(prefix).\(name)")
    }
    try expectGradient(outcome.gradient, file, prefix: prefix)
  }

  @Test func `nine estimation steps`() throws {
    let reference = try ReferenceData("estimate")
    var twin = try ReferenceData.official()
    let kernels = try reference.double.doubles("kernel_after")
    let losses = try reference.double.doubles("losses")
    for step in 0..<9 {
      let outcome = twin.step(try reference.estimationInput(step))
      if step == 0 { try expectStep(outcome, reference.double, prefix: "step1") }
      #expect(relativeError(outcome.losses, Array(losses[3 * step..<3 * step + 3])) < Self.tolerance)
      #expect(relativeError(twin.kernel, Array(kernels[121 * step..<121 * step + 121])) < Self.tolerance)
      if step == 0 || step == 4 { try expectState(twin, reference.double, prefix: "after\(step + 1)") }
    }
  }

  @Test(arguments: ["official", "fresh"], [1, 25])
  func `task step`(start: String, step: Int) throws {
    let reference = try ReferenceData("task")
    var twin = try reference.twin("\(start).before_step\(step)")
    let outcome = twin.step(try reference.taskInput(step - 1))
    try expectStep(outcome, reference.double, prefix: "\(start).step\(step)")
    try expectState(twin, reference.double, prefix: "\(start).after_step\(step)")
  }

  @Test(arguments: MetaEvaluationCase.all)
  func `meta evaluation`(_ test: MetaEvaluationCase) throws {
    let reference = try ReferenceData("task")
    let outcome = try reference.twin(test.state).metaEvaluation(
      try test.input(reference), trueKernel: try reference.single.doubles("kernel"))
    let g = try reference.double.doubles("\(test.name).loss_generator")
    let d = try reference.double.doubles("\(test.name).loss_discriminator")
    #expect(
      relativeError([outcome.metaLossGenerator, outcome.metaLossDiscriminator], g + d) < Self.tolerance)
    try expectGradient(outcome.gradient, reference.double, prefix: test.name)
  }
}

/// One of the eight meta-evaluations.
struct MetaEvaluationCase: CustomTestStringConvertible {
  let start: String, moment: String, real: ReferenceData.Real

  static let all = ["official", "fresh"].flatMap { start in
    ["before_step1", "after_step25"].flatMap { moment in
      [.gtson, .lr].map { MetaEvaluationCase(start: start, moment: moment, real: $0) }
    }
  }

  var state: String { "\(start).\(moment)" }
  var name: String { "\(start).meta_at_\(moment).\(real.rawValue)" }
  var testDescription: String { name }

  /// The first moment comes with the fifth step's crop and noise, which are the first evaluation's... see the README.
  func input(_ reference: ReferenceData) throws -> NaiveGAN.Input {
    try reference.taskInput(moment == "before_step1" ? 0 : 4, prefix: "meta_", real: real)
  }
}
