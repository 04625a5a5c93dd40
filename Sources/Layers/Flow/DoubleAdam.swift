/// Adam (Kingma, Ba: "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1) in double precision, with
/// PyTorch's weight decay: `weightDecay` times the parameter is added to its gradient. `Numerics.Adam` works in
/// single precision and has no weight decay.
package struct DoubleAdam: Sendable {
  private let beta1: Double, decay: Double
  private let beta2 = 0.999, epsilon = 1e-8
  private var first: [Double], second: [Double]
  /// beta^time, for both betas.
  private var power1 = 1.0, power2 = 1.0

  /// Creates an optimiser for `count` parameters, before its first update.
  package init(count: Int, beta1: Double = 0.9, weightDecay: Double = 0) {
    (self.beta1, decay) = (beta1, weightDecay)
    first = [Double](repeating: 0, count: count)
    second = first
  }

  /// Makes one update of `x` against `gradient`, both of the `count` that the optimiser was created for.
  package mutating func update(_ x: inout [Double], _ gradient: [Double], rate: Double) {
    precondition(x.count == first.count && gradient.count == first.count)
    power1 *= beta1
    power2 *= beta2
    let size = rate / (1 - power1)
    let correction = 1 / (1 - power2).squareRoot()
    for i in x.indices {
      let g = gradient[i] + decay * x[i]
      first[i] = beta1 * first[i] + (1 - beta1) * g
      second[i] = beta2 * second[i] + (1 - beta2) * g * g
      x[i] -= size * first[i] / (second[i].squareRoot() * correction + epsilon)
    }
  }
}
