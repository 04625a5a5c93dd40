/// Sums over square windows. They are added up afresh for every pixel, not slid: sliding subtracts, and the
/// rounding it leaves behind would make a crop's probability positive where there is no gradient at all.
enum BoxSum {
  /// Replaces each value by the sum over the `size` rows and columns that start at it, as far as the plane
  /// goes. In place, since a window only looks at what comes later.
  /// - Parameter check: called before each row of either pass; what it throws ends the work.
  static func forward<Stop: Error>(
    _ values: inout [Double], width: Int, height: Int, size: Int, check: () throws(Stop) -> Void
  ) throws(Stop) {
    try values.withUnsafeMutableBufferPointer { (values) throws(Stop) in
      guard let plane = values.baseAddress else { return }
      for row in 0..<height {
        try check()
        let target = plane + row * width
        sumRows(target, count: width, stride: width, terms: min(size, height - row))
      }
      let line = UnsafeMutablePointer<Double>.allocate(capacity: width)
      defer { line.deallocate() }
      for row in 0..<height {
        try check()
        sumColumns(plane + row * width, line, count: width, terms: size)
      }
    }
  }

  private static func sumRows(
    _ target: UnsafeMutablePointer<Double>, count: Int, stride: Int, terms: Int
  ) {
    for term in 1..<terms { add(target + term * stride, to: target, count: count) }
  }

  private static func sumColumns(
    _ target: UnsafeMutablePointer<Double>, _ line: UnsafeMutablePointer<Double>, count: Int, terms: Int
  ) {
    line.update(from: target, count: count)
    for term in 1..<min(terms, count) { add(line + term, to: target, count: count - term) }
  }

  private static func add(
    _ source: UnsafeMutablePointer<Double>, to target: UnsafeMutablePointer<Double>, count: Int
  ) {
    for index in 0..<count { target[index] += source[index] }
  }
}
