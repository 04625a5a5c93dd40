import NaiveTwin
import Numerics
import Testing

/// Every backward pass of the plain networks against central differences in double precision, at random points, on
/// small patches. (The tuned passes are held to the plain ones.)
@Suite("Gradients are the losses' slopes")
struct GradientTests {
  static let kernels = [7, 3, 3, 1, 1, 1], side = 10

  /// The meta-losses are the widest: every term of the others is in them. Spectral norm's u and v count as constants
  /// in the gradient, so the perturbed losses must see the same u and v: they are taken from converged ones, where a
  /// further iteration changes sigma to second order only.
  @Test(arguments: 0..<4)
  func `the meta-loss's slopes`(seed: Int) throws {
    var (twin, input) = RandomNetworks.make(
      kernels: Self.kernels, side: Self.side, patches: 2, key: UInt64(100 + seed))
    for _ in 0..<1000 { twin.advanceSpectralVectors() }
    let count = twin.kernelSide * twin.kernelSide
    let trueKernel = [Double](repeating: 1 / Double(count), count: count)
    let outcome = twin.metaEvaluation(input, trueKernel: trueKernel)
    let masks = outcome.calls.map(\.masks)
    var random = Philox(key: UInt64(seed), stream: 9)
    for name in ReferenceData.parameterNames {
      let gradient = outcome.gradient[name, default: []]
      for _ in 0..<2 {
        let i = random.below(gradient.count)
        let h = 1e-5
        func loss(_ change: Double) -> Double {
          var moved = twin
          moved.tensors[name]?[i] += change
          let outcome = moved.metaEvaluation(input, trueKernel: trueKernel, masks: masks)
          return name.hasPrefix("generator") ? outcome.metaLossGenerator : outcome.metaLossDiscriminator
        }
        let slope = (loss(h) - loss(-h)) / (2 * h)
        // Truncation is of order h^2 times third derivatives; the losses' rounding over 2h is 1e-11.
        #expect(abs(slope - gradient[i]) < 1e-6 * max(1, abs(slope)), "\(name)[\(i)]")
      }
    }
  }
}
