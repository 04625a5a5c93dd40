extension BlurKernel {
  /// The kernel moved right by x and down by y pixels, fractions included, by interpolating cubic splines.
  ///
  /// This is SciPy's `ndimage.shift(order=3, mode='constant', cval=0)`, with which the benchmark's kernels were
  /// made: the spline mirrors the values at the border, yet what comes from outside is exactly zero. So the
  /// sum is only nearly kept.
  public func shifted(by offset: (x: Double, y: Double)) -> BlurKernel {
    rowsShifted(by: offset.x).transposed().rowsShifted(by: offset.y).transposed()
  }

  /// Shifted so that its measured centre of mass falls on (position, position), but for the little that the
  /// shift cuts off.
  /// - Precondition: the sum is not zero.
  public func centred(at position: Double) -> BlurKernel {
    let centre = centreOfMass
    return shifted(by: (x: position - centre.x, y: position - centre.y))
  }

  private func rowsShifted(by offset: Double) -> BlurKernel {
    let rows = (0..<side).map {
      CubicSpline(through: values[$0 * side..<($0 + 1) * side]).shifted(by: offset)
    }
    return BlurKernel(side: side, values: rows.flatMap(\.self))
  }
}

/// The cubic B-spline through equally spaced values, continued beyond both ends by mirroring at the end values
/// (each end value appears once: "whole-sample" symmetry). Formulas as in SciPy's `ni_splines.c`, after
/// Unser, "Splines: a perfect fit for signal and image processing", IEEE SPM 1999.
private struct CubicSpline {
  private var coefficients: [Double]

  init(through line: ArraySlice<Double>) {
    coefficients = Array(line)
    if coefficients.count > 1 { prefilter() }
  }

  /// The spline's values at 0 - offset, 1 - offset, ...; zero where that lies outside 0 ... count - 1.
  func shifted(by offset: Double) -> [Double] {
    coefficients.indices.map { index in
      let position = Double(index) - offset
      return position >= 0 && position <= Double(coefficients.count - 1) ? value(at: position) : 0
    }
  }

  private func value(at position: Double) -> Double {
    let start = Int(position)
    let t = position - Double(start)
    let u = 1 - t
    let left = u * u * u / 6
    let middleLeft = (t * t * (t - 2) * 3 + 4) / 6
    let middleRight = (u * u * (u - 2) * 3 + 4) / 6
    let right = 1 - left - middleLeft - middleRight
    return left * coefficient(start - 1) + middleLeft * coefficient(start)
      + middleRight * coefficient(start + 1) + right * coefficient(start + 2)
  }

  /// The coefficient at any index from -1 to count + 1, mirrored into the line.
  private func coefficient(_ index: Int) -> Double {
    let last = coefficients.count - 1
    guard last > 0 else { return coefficients[0] }
    let folded = abs(index) % (2 * last)
    return coefficients[min(folded, 2 * last - folded)]
  }

  /// Turns values into coefficients: a recursive filter forwards, then backwards.
  private mutating func prefilter() {
    let pole = 3.0.squareRoot() - 2
    let last = coefficients.count - 1
    for index in 0...last { coefficients[index] *= (1 - pole) * (1 - 1 / pole) }
    coefficients[0] = firstCausal(pole)
    for index in 1...last { coefficients[index] += pole * coefficients[index - 1] }
    coefficients[last] = (pole * coefficients[last - 1] + coefficients[last]) * pole / (pole * pole - 1)
    for index in (0..<last).reversed() {
      coefficients[index] = pole * (coefficients[index + 1] - coefficients[index])
    }
  }

  /// The forward filter's start, summed exactly over one whole mirrored period: kernels are too short for the
  /// usual truncated sum.
  private func firstCausal(_ pole: Double) -> Double {
    let last = coefficients.count - 1
    let full = (0..<last).reduce(1.0) { power, _ in power * pole }
    var sum = coefficients[0] + full * coefficients[last]
    var power = pole
    for index in 1..<max(last, 1) {
      sum += power * (coefficients[index] + full * coefficients[last - index])
      power *= pole
    }
    return sum / (1 - full * full)
  }
}
