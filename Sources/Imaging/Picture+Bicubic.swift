extension Picture {
  /// The picture enlarged by cubic convolution with a = -0.5 (Keys, "Cubic convolution interpolation for digital image
  /// processing", IEEE TASSP 1981), the tables' first row.
  ///
  /// Byte for byte what Pillow's `resize(size, BICUBIC)` makes of 8-bit pictures: weights in 22 bits after the point, a pass
  /// along the rows, rounded and clipped, then one along the columns. At the border the weights of what is missing go
  /// to the rest. Samples of 16 bits are treated alike, where Pillow has no counterpart.
  /// - Parameter scale: 1 or more; each side grows by it.
  /// - Returns: a picture of the same depth, with this one's profile and orientation.
  public func bicubic(scale: Int) -> Picture {
    precondition(scale > 0, "a picture cannot be enlarged \(scale) times")
    let enlarged: Samples =
      switch samples {
      case .bits8(let samples): .bits8(enlarge(samples, scale))
      case .bits16(let samples): .bits16(enlarge(samples, scale))
      }
    return Picture(
      width: scale * width, height: scale * height, samples: enlarged, isGrey: isGrey,
      orientation: orientation,
      iccProfile: iccProfile, notes: notes)
  }

  private func enlarge<Sample: FixedWidthInteger>(_ samples: [Sample], _ scale: Int) -> [Sample] {
    let wide = BicubicPass(side: width, scale: scale).alongRows(of: samples, height: height)
    return BicubicPass(side: height, scale: scale).alongColumns(of: wide, width: scale * width)
  }
}

/// Enlarges along one axis. Names and arithmetic follow Pillow's `Resample.c`.
private struct BicubicPass {
  private static let precision = 22
  /// Of each output position: the input position that its weights start at, and the weights, 2^22 for 1.
  private let taps: [(start: Int, weights: [Int])]

  init(side: Int, scale: Int) {
    taps = (0..<side * scale).map { Self.taps(of: $0, scale: 1 / Double(scale), side: side) }
  }

  private static func taps(of position: Int, scale: Double, side: Int) -> (Int, [Int]) {
    let centre = (Double(position) + 0.5) * scale
    let start = max(Int(centre - 2 + 0.5), 0)
    let end = min(Int(centre + 2 + 0.5), side)
    let weights = (start..<end).map { weight(Double($0) - centre + 0.5) }
    let share = 1 / weights.reduce(0, +)
    return (start, weights.map { Int(($0 * share * Double(1 << precision)).rounded()) })
  }

  private static func weight(_ distance: Double) -> Double {
    let a = -0.5
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  /// - Parameter samples: (height, side, 3)
  /// - Returns: (height, scale side, 3)
  func alongRows<Sample: FixedWidthInteger>(of samples: [Sample], height: Int) -> [Sample] {
    var output: [Sample] = []
    output.reserveCapacity(3 * height * taps.count)
    let rowLength = samples.count / height
    for row in 0..<height {
      for (start, weights) in taps {
        let first = row * rowLength + 3 * start
        for channel in 0..<3 { output.append(sum(samples, from: first + channel, step: 3, weights)) }
      }
    }
    return output
  }

  /// - Parameter samples: (side, width, 3)
  /// - Returns: (scale side, width, 3)
  func alongColumns<Sample: FixedWidthInteger>(of samples: [Sample], width: Int) -> [Sample] {
    var output: [Sample] = []
    let rowLength = 3 * width
    output.reserveCapacity(rowLength * taps.count)
    for (start, weights) in taps {
      for column in 0..<rowLength {
        output.append(sum(samples, from: start * rowLength + column, step: rowLength, weights))
      }
    }
    return output
  }

  @inline(__always)
  private func sum<Sample: FixedWidthInteger>(
    _ samples: [Sample], from first: Int, step: Int, _ weights: [Int]
  ) -> Sample {
    var total = 1 << (Self.precision - 1)
    for (tap, weight) in weights.enumerated() { total += weight * Int(samples[first + tap * step]) }
    return Sample(clamping: total >> Self.precision)
  }
}
