import BlurKernels
import Layers
import Numerics

/// The prior of BSRDM: a Gaussian with three parameters. Its inverse covariance is M^T M with M = ((a, 0), (b, c)),
/// which is positive semidefinite for any a, b, c. Its mean is (side - scale) / 2 on both axes, where a blur moves
/// nothing; values sum to 1.
package final class GaussianKernel: KernelPrior {
  private let side: Int
  private let centre: Double
  /// a, b, c
  private let code = Parameter(3)
  private let descent: Descent
  /// The weight of (a^2 + b^2 + c^2) / 2 in the loss.
  private let weight: Double
  private var values: [Double] = []

  private static let rate = 5e-3

  /// Starts with M = 1/scale times the identity.
  /// - Parameter weight: of (a^2 + b^2 + c^2) / 2 in the loss.
  package init(side: Int, scale: Int, weight: Double, in workspace: Workspace) {
    (self.side, self.weight) = (side, weight)
    centre = Double(side - scale) / 2
    descent = Descent([code], workspace.unit)
    code.values.load([1 / Float(scale), 0, 1 / Float(scale)])
  }

  private var factors: (a: Double, b: Double, c: Double) {
    let p = code.values.pointer
    return (Double(p[0]), Double(p[1]), Double(p[2]))
  }

  private func offset(_ index: Int) -> (x: Double, y: Double) {
    (Double(index % side) - centre, Double(index / side) - centre)
  }

  package func kernel() -> FloatBuffer {
    let (a, b, c) = factors
    values = (0..<side * side).map { index in
      let (x, y) = offset(index)
      let (u, v) = (a * x, b * x + c * y)
      return Elementary.exponential(-0.5 * (u * u + v * v))
    }
    let sum = values.reduce(0, +)
    for i in values.indices { values[i] /= sum }
    let result = FloatBuffer(values.count)
    result.load(values.map(Float.init))
    return result
  }

  package func descend(along gradient: FloatBuffer) {
    let (a, b, c) = factors
    let mean = values.indices.reduce(0) { $0 + values[$1] * Double(gradient.pointer[$1]) }
    var slopes = (a: weight * a, b: weight * b, c: weight * c)
    for (i, value) in values.enumerated() {
      let (x, y) = offset(i)
      let share = -value * (Double(gradient.pointer[i]) - mean)
      let v = b * x + c * y
      slopes = (slopes.a + share * a * x * x, slopes.b + share * v * x, slopes.c + share * v * y)
    }
    code.gradient.load([Float(slopes.a), Float(slopes.b), Float(slopes.c)])
    descent.step(rate: Self.rate)
  }
}
