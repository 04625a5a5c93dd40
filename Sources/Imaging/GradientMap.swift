/// How much edge there is at each pixel: the three gradient measures from which the probability map is made.
enum GradientMap {
  /// The outermost pixels, whose gradients count as zero.
  static let border = 5
  /// Side of the box that the sum of the measures is smoothed with.
  static let smoothing = 5

  /// |dY/dy|, |dY/dx| and their magnitude, the first two clipped, each divided by its own sum, then added.
  /// All zero where one of these sums is zero. (height, width).
  /// - Parameter check: called between passes over the picture; what it throws ends the work.
  static func values<Stop: Error>(
    of picture: Picture, check: () throws(Stop) -> Void
  ) throws(Stop) -> [Double] {
    try check()
    let (down, across) = differences(of: picture)
    try check()
    // 1e-5 in units of the differences: they are 2 * 1000 * maximum times the gradient.
    let tieWidth = 1e-5 * 2000 * Double(picture.maximum)
    let downClip = GradientClip(down, tieWidth: tieWidth)
    try check()
    let acrossClip = GradientClip(across, tieWidth: tieWidth)
    try check()
    var values = magnitudes(down, across)
    try check()
    let sum = values.reduce(0, +)
    if downClip.sum == 0 || acrossClip.sum == 0 || sum == 0 {
      return [Double](repeating: 0, count: values.count)
    }
    for index in values.indices {
      values[index] =
        downClip(down[index]) / downClip.sum + acrossClip(across[index]) / acrossClip.sum
        + values[index] / sum
    }
    return values
  }

  /// Absolute central differences of luma along y and x, zero in the border, where alone the one-sided
  /// differences of the definition would count. In units of 1 / (2 * 1000 * maximum).
  private static func differences(of picture: Picture) -> (down: [Int32], across: [Int32]) {
    let width = picture.width
    let luma = picture.luma
    var down = [Int32](repeating: 0, count: luma.count)
    var across = down
    for row in border..<(picture.height - border) {
      for index in (row * width + border)..<((row + 1) * width - border) {
        down[index] = abs(luma[index + width] - luma[index - width])
        across[index] = abs(luma[index + 1] - luma[index - 1])
      }
    }
    return (down, across)
  }

  private static func magnitudes(_ down: [Int32], _ across: [Int32]) -> [Double] {
    zip(down, across).map { down, across in
      let (a, b) = (Double(down), Double(across))
      return (a * a + b * b).squareRoot()
    }
  }
}

extension Picture {
  /// 0.299 R + 0.587 G + 0.114 B in thousandths of a sample, exact. (height, width).
  fileprivate var luma: [Int32] {
    switch samples {
    case .bits8(let samples): Self.luma(samples)
    case .bits16(let samples): Self.luma(samples)
    }
  }

  private static func luma<Sample: FixedWidthInteger>(_ samples: [Sample]) -> [Int32] {
    stride(from: 0, to: samples.count, by: 3).map { index in
      299 * Int32(samples[index]) + 587 * Int32(samples[index + 1]) + 114 * Int32(samples[index + 2])
    }
  }
}
