/// The distance between a kernel and the true one, as training weighs it: LK-COV plus three times the sum of absolute
/// differences. The first is what anisotropy is judged by; the second sees all that moments leave out.
package struct KernelLoss: Sendable {
  /// The weight of the sum of absolute differences.
  package static let differenceWeight = 3.0

  /// LK-COV.
  package let covarianceDistance: Double
  /// sum |k - true k|
  package let difference: Double
  /// The gradient of `total` by each value of the kernel.
  package let gradient: [Double]

  package var total: Double { covarianceDistance + Self.differenceWeight * difference }

  /// - Precondition: both are square and of one size.
  package init(_ kernel: [Double], truth: [Double]) {
    let side = Int(Double(kernel.count).squareRoot())
    let own = Moments(kernel, side)
    let expected = Moments(truth, side)
    let signs = (
      Self.sign(own.xx - expected.xx), 2 * Self.sign(own.xy - expected.xy), Self.sign(own.yy - expected.yy)
    )
    covarianceDistance =
      abs(own.xx - expected.xx) + 2 * abs(own.xy - expected.xy) + abs(own.yy - expected.yy)
    var difference = 0.0
    gradient = kernel.indices.map { i in
      difference += abs(kernel[i] - truth[i])
      let (x, y) = (Double(i % side), Double(i / side))
      return signs.0 * (x * x - 2 * own.x * x) + signs.1 * (x * y - own.x * y - own.y * x)
        + signs.2 * (y * y - 2 * own.y * y) + Self.differenceWeight * Self.sign(kernel[i] - truth[i])
    }
    self.difference = difference
  }

  private static func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }

  /// First moments, and second ones about them, never divided by the kernel's sum (LK-COV's definition).
  private struct Moments {
    var x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, yy = 0.0

    init(_ kernel: [Double], _ side: Int) {
      for (i, k) in kernel.enumerated() {
        let (column, row) = (Double(i % side), Double(i / side))
        x += column * k
        y += row * k
        xx += column * column * k
        xy += column * row * k
        yy += row * row * k
      }
      (xx, xy, yy) = (xx - x * x, xy - x * y, yy - y * y)
    }
  }
}
