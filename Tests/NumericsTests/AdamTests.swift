import Numerics
import Testing

@Suite("Adam")
struct AdamTests {
  /// Against the formula in double precision, over several updates; on every instruction set, with the same bits. 1e-6:
  /// single precision.
  @Test(arguments: [0.9, 0.5])
  func `agrees with its formula`(beta1: Double) {
    let n = 53
    let rate = 1e-3
    let start = LoopsTests.random(n, 8)
    let gradients = (1...20).map { LoopsTests.random(n, 8 + UInt64($0)) }
    let results = VectorUnit.available.map { unit in
      var parameters = start
      var first = [Float](repeating: 0, count: n)
      var second = first
      for (t, gradient) in gradients.enumerated() {
        Adam(beta1: beta1).update(
          &parameters, first: &first, second: &second, gradient: gradient, count: n, rate: rate, time: t + 1,
          unit: unit)
      }
      return parameters
    }
    var exact = start.map(Double.init)
    var m = [Double](repeating: 0, count: n)
    var v = m
    var (b1, b2) = (1.0, 1.0)
    for gradient in gradients {
      (b1, b2) = (b1 * beta1, b2 * 0.999)
      for i in 0..<n {
        let g = Double(gradient[i])
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        exact[i] -= rate * (m[i] / (1 - b1)) / ((v[i] / (1 - b2)).squareRoot() + 1e-8)
      }
    }
    for (a, b) in zip(results[0], exact) { #expect(abs(Double(a) - b) < 1e-6) }
    for other in results { #expect(other.map(\.bitPattern) == results[0].map(\.bitPattern)) }
  }
}
