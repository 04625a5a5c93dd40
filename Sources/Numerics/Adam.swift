import CLoops

/// Adam without weight decay (Kingma, Ba 2015, Algorithm 1) on single-precision parameters. Plain products, sums,
/// quotients and roots in a fixed order, so equal inputs give equal bytes on every machine.
package struct Adam: Sendable {
  private let beta1: Double
  private let beta2 = 0.999, epsilon: Float = 1e-8

  /// MetaKernelGAN trains with 0.9, KernelGAN with 0.5.
  package init(beta1: Double = 0.9) { self.beta1 = beta1 }

  /// One update of `count` values at `time` (1 for the first): moments first, then parameters.
  package func update(
    _ parameters: UnsafeMutablePointer<Float>, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, count: Int, rate: Double,
    time: Int, unit: VectorUnit
  ) {
    var coefficients = cloops_adam(
      beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2), rest2: Float(1 - beta2),
      size: Float(rate / (1 - power(beta1, time))),
      correction: Float((1 - power(beta2, time)).squareRoot()), epsilon: epsilon)
    unit.loops.adam(parameters, first, second, gradient, count, &coefficients)
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
