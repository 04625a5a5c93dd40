import Foundation

extension BlurKernel {
  /// Second central moments in square pixels, the 2x2 matrix [[xx, xy], [xy, yy]].
  public struct Covariance: Sendable, Equatable {
    public var xx, xy, yy: Double

    public init(xx: Double, xy: Double, yy: Double) {
      (self.xx, self.xy, self.yy) = (xx, xy, yy)
    }

    /// The sum of the absolute differences of the four entries, so xy counts twice.
    public func distance(to other: Covariance) -> Double {
      abs(xx - other.xx) + 2 * abs(xy - other.xy) + abs(yy - other.yy)
    }

    /// Of the same shape and orientation, every variance `factor` times as large.
    package static func * (covariance: Self, factor: Double) -> Self {
      Self(xx: covariance.xx * factor, xy: covariance.xy * factor, yy: covariance.yy * factor)
    }
  }

  /// The mean column and row, weighted by the values and divided by their sum: (4.5, 4.5) for a centred
  /// kernel of scale 2, (8.5, 8.5) for scale 4. Not a number for a kernel that sums to zero.
  public var centreOfMass: (x: Double, y: Double) {
    let total = sum
    return (weightedSum { x, _ in x } / total, weightedSum { _, y in y } / total)
  }

  /// xx = sum x^2 k - (sum x k)^2 and so on. Not divided by the kernel's sum, whatever it is: the published
  /// LK-COV figures are computed so, and an estimate whose sum is off is meant to pay for it.
  public var covariance: Covariance {
    let x = weightedSum { x, _ in x }
    let y = weightedSum { _, y in y }
    return Covariance(
      xx: weightedSum { x, _ in x * x } - x * x,
      xy: weightedSum { x, y in x * y } - x * y,
      yy: weightedSum { _, y in y * y } - y * y)
  }

  /// LK-COV, the sum of the absolute differences of the four entries of the covariance matrices (so xy counts
  /// twice). Zero is best. The sides may differ.
  public func covarianceDistance(to other: BlurKernel) -> Double {
    covariance.distance(to: other.covariance)
  }

  /// Kernel PSNR in decibels, 10 log10(1 / mean squared difference); infinite for equal kernels.
  /// - Throws: `DegradationError.side` when the sides differ.
  public func psnr(against truth: BlurKernel) throws(DegradationError) -> Double {
    guard side == truth.side else {
      throw .side(operation: "compare kernels by PSNR", actual: side, expected: truth.side)
    }
    var squares = 0.0
    for (a, b) in zip(values, truth.values) { squares += (a - b) * (a - b) }
    return 10 * log10(Double(values.count) / squares)
  }

  /// The sum over all values of `weight(x, y)` times the value.
  private func weightedSum(_ weight: (_ x: Double, _ y: Double) -> Double) -> Double {
    var total = 0.0
    for row in 0..<side {
      for column in 0..<side { total += weight(Double(column), Double(row)) * self[row, column] }
    }
    return total
  }
}
