import Numerics

/// Adam without weight decay (Kingma, Ba 2015, Algorithm 1) on single-precision parameters. Plain products, sums and
/// roots in a fixed order, so equal inputs give equal bytes on every machine.
public struct Adam: Sendable {
  public var beta1 = 0.9, beta2 = 0.999, epsilon: Float = 1e-8

  /// The paper's (beta1 0.9, beta2 0.999, epsilon 1e-8).
  public init() {}

  /// One update of `count` values at `time` (1 for the first): moments first, then parameters.
  package func update(
    _ parameters: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
    _ second: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, count: Int, rate: Double, time: Int
  ) {
    let (b1, b2) = (Float(beta1), Float(beta2))
    let (c1, c2) = (Float(1 - beta1), Float(1 - beta2))
    let size = Float(rate / (1 - power(beta1, time)))
    let correction = Float((1 - power(beta2, time)).squareRoot())
    for i in 0..<count {
      let g = gradient[i]
      first[i] = b1 * first[i] + c1 * g
      second[i] = b2 * second[i] + c2 * (g * g)
      parameters[i] -= size * first[i] / (second[i].squareRoot() / correction + epsilon)
    }
  }

  /// By squaring: the C library's pow differs by version.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
