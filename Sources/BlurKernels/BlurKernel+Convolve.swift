extension BlurKernel {
  /// Both blurs in a row, of the sum of both sides less 1, centres added.
  func convolved(with other: BlurKernel) -> BlurKernel {
    let wide = side + other.side - 1
    var total = [Double](repeating: 0, count: wide * wide)
    for outer in values.indices where values[outer] != 0 {
      let corner = outer / side * wide + outer % side
      for inner in other.values.indices {
        total[corner + inner / other.side * wide + inner % other.side] += values[outer] * other.values[inner]
      }
    }
    return BlurKernel(side: wide, values: total)
  }

  /// The kernel of a picture that was soft before it was blurred: this one, blurred by a Gaussian, cut off at the square's
  /// edges, sum 1.
  /// - Parameter deviation: of the Gaussian, 0 to 1 pixels.
  package func softened(deviation: Double) -> BlurKernel {
    let reach = 3
    // A thousandth of a square pixel is none.
    let variance = max(deviation * deviation, 1e-3)
    let gaussian = BlurKernel.gaussian(
      side: 2 * reach + 1, centre: (Double(reach), Double(reach)),
      covariance: Covariance(xx: variance, xy: 0, yy: variance))
    return convolved(with: gaussian).window(side: side, from: reach).normalised()
  }
}
