import Foundation
import NaiveTwin
import Networks
import Testing

/// The plain networks against figures that they gave when they agreed with the authors' tensors (ReferenceTests, which
/// need ../shared), so that a clone without the research data notices when the two drift apart. The tuned networks are
/// held to the plain ones everywhere.
///
/// `METAKERNELGAN_WRITE_FIXTURES=1 swift test --filter FixtureTests` writes the figures anew; do so only where the
/// comparisons with the authors' tensors pass.
@Suite("Plain networks against their fixture")
struct FixtureTests {
  /// What one step and one meta-evaluation gave.
  struct Figures: Codable {
    var losses: [Double]
    /// (kernel side, kernel side), after the step.
    var kernel: [Double]
    /// The meta-evaluation's losses: the generator's and the discriminator's.
    var metaLosses: [Double]
    var step: [String: Sample], metaEvaluation: [String: Sample]
  }

  /// A tensor's gradient: its norm, and nine values from its first to its last.
  struct Sample: Codable {
    var norm: Double
    var values: [Double]

    init(_ gradient: [Double]) {
      norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      values = (0...8).map { gradient[$0 * (gradient.count - 1) / 8] }
    }
  }

  static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Fixtures/plain-networks.json")

  static func figures() -> Figures {
    var (twin, input) = RandomNetworks.make(kernels: [7, 3, 3, 1, 1, 1], side: 32, patches: 1, key: 77)
    let count = twin.kernelSide * twin.kernelSide
    let meta = twin.metaEvaluation(
      input, trueKernel: [Double](repeating: 1 / Double(count), count: count))
    let step = twin.step(input)
    return Figures(
      losses: step.losses, kernel: twin.kernel,
      metaLosses: [meta.metaLossGenerator, meta.metaLossDiscriminator],
      step: step.gradient.mapValues(Sample.init), metaEvaluation: meta.gradient.mapValues(Sample.init))
  }

  @Test func `a step and a meta-evaluation give the figures that agreed with the authors' program`() throws {
    let found = Self.figures()
    if ProcessInfo.processInfo.environment["METAKERNELGAN_WRITE_FIXTURES"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try encoder.encode(found).write(to: Self.file)
    }
    let expected = try JSONDecoder().decode(Figures.self, from: Data(contentsOf: Self.file))
    // Double precision in another order of summation, over at most 2e5 terms.
    func expectEqual(_ a: [Double], _ b: [Double], named name: String) {
      #expect(relativeError(a, b) < 1e-10, "\(name)")
    }
    expectEqual(found.losses, expected.losses, named: "losses")
    expectEqual(found.kernel, expected.kernel, named: "kernel")
    expectEqual(found.metaLosses, expected.metaLosses, named: "meta-losses")
    for (part, samples, others) in [
      ("step", found.step, expected.step), ("meta-evaluation", found.metaEvaluation, expected.metaEvaluation),
    ] {
      #expect(samples.keys == others.keys)
      for (name, sample) in samples {
        let other = try #require(others[name])
        expectEqual([sample.norm], [other.norm], named: "\(part), \(name)")
        // A value may be small beside its tensor.
        let differences = zip(sample.values, other.values).map { abs($0 - $1) }
        #expect((differences.max() ?? .infinity) < 1e-10 * other.norm, "\(part), \(name)")
      }
    }
  }
}
