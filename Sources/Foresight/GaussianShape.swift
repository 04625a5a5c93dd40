package import BlurKernels
import Numerics

/// The kernel that the network's outputs stand for, and the way back for gradients.
///
/// Outputs (a, b, c) give the covariance L L^T + floor with L = [[e^a, 0], [b, e^c]], so that any three numbers are a
/// kernel: xx = e^2a + floor, xy = e^a b, yy = b^2 + e^2c + floor.
package struct GaussianShape: Sendable {
  package static let outputs = 3
  /// Square pixels; narrower Gaussians are one pixel anyway.
  private static let floor = 0.01
  private static let side = 11
  private static let centre = 4.5
  /// The paper's kernels, moved to 4.5 by a whole pixel or nearly so, have zeros in their last row and column.
  private static let support = 10

  package let covariance: BlurKernel.Covariance
  private let first: Double, below: Double, last: Double

  package init(_ outputs: [Float]) {
    // Beyond these bounds kernels are a pixel or a plane, and exponentials no numbers.
    first = Elementary.exponential(min(max(Double(outputs[0]), -6), 4))
    below = min(max(Double(outputs[1]), -50), 50)
    last = Elementary.exponential(min(max(Double(outputs[2]), -6), 4))
    covariance = .init(
      xx: first * first + Self.floor, xy: first * below, yy: below * below + last * last + Self.floor)
  }

  /// Outputs whose kernel has this covariance.
  package static func outputs(of covariance: BlurKernel.Covariance) -> [Float] {
    let first = max(covariance.xx - floor, 1e-4).squareRoot()
    let below = covariance.xy / first
    let last = max(covariance.yy - floor - below * below, 1e-4).squareRoot()
    return [Float(Elementary.logarithm(first)), Float(below), Float(Elementary.logarithm(last))]
  }

  /// The Gaussian of this covariance about (4.5, 4.5), sampled, sum 1: within 1e-4 of what the paper's way of drawing
  /// kernels makes of it, and differentiable.
  package func kernel() -> [Double] {
    var values = BlurKernel.gaussian(
      side: Self.side, centre: (Self.centre, Self.centre), covariance: covariance
    ).values
    for i in values.indices where i / Self.side >= Self.support || i % Self.side >= Self.support {
      values[i] = 0
    }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  /// The gradient of a loss by the outputs.
  /// - Parameters:
  ///   - kernel: as `kernel()` gave it.
  ///   - gradient: the loss's by each of its values.
  package func backward(_ kernel: [Double], gradient: [Double]) -> [Float] {
    var mean = 0.0
    for (k, g) in zip(kernel, gradient) { mean += k * g }
    // By the inverse covariance [[p, q], [q, r]]: of k ~ exp(-(p x^2 + 2 q x y + r y^2) / 2).
    var (byP, byQ, byR) = (0.0, 0.0, 0.0)
    for i in kernel.indices {
      let x = Double(i % Self.side) - Self.centre
      let y = Double(i / Self.side) - Self.centre
      let byForm = -0.5 * kernel[i] * (gradient[i] - mean)
      byP += byForm * x * x
      byQ += byForm * x * y
      byR += byForm * y * y
    }
    let (xx, xy, yy) = byCovariance(byP, byQ, byR)
    return [
      Float((2 * first * xx + below * xy) * first), Float(first * xy + 2 * below * yy),
      Float(2 * last * last * yy),
    ]
  }

  /// d inverse = -inverse d covariance inverse, xy standing for both entries off the diagonal.
  private func byCovariance(_ byP: Double, _ byQ: Double, _ byR: Double) -> (
    xx: Double, xy: Double, yy: Double
  ) {
    let determinant = covariance.xx * covariance.yy - covariance.xy * covariance.xy
    let (p, q, r) = (covariance.yy / determinant, -covariance.xy / determinant, covariance.xx / determinant)
    return (
      -(p * p * byP + 2 * p * q * byQ + q * q * byR),
      -(2 * p * q * byP + 2 * (p * r + q * q) * byQ + 2 * q * r * byR),
      -(q * q * byP + 2 * q * r * byQ + r * r * byR)
    )
  }
}
