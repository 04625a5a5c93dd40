extension BlurKernel {
  /// The kernel of a picture that was soft before it was blurred: this one, blurred by a Gaussian, cut off at the square's
  /// edges, sum 1.
  /// - Parameter deviation: of the Gaussian, 0 to 1 pixels.
  package func softened(deviation: Double) -> BlurKernel {
    let reach = 3
    // A thousandth of a square pixel is none.
    let variance = max(deviation * deviation, 1e-3)
    let weights = (-reach...reach).map { Elementary.exponential(-Double($0 * $0) / (2 * variance)) }
    func blurred(_ values: [Double], _ place: (_ row: Int, _ column: Int) -> Int) -> [Double] {
      var out = values
      for row in 0..<side {
        for column in 0..<side {
          var sum = 0.0
          for (weight, other) in zip(weights, (column - reach)...) where 0..<side ~= other {
            sum += weight * values[place(row, other)]
          }
          out[place(row, column)] = sum
        }
      }
      return out
    }
    let along = blurred(values) { $0 * side + $1 }
    return BlurKernel(side: side, values: blurred(along) { $1 * side + $0 }).normalised()
  }
}
