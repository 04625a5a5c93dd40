extension Picture {
  /// The picture enlarged by cubic convolution with a = -0.5 (Keys, "Cubic convolution interpolation for digital image
  /// processing", IEEE TASSP 1981), the tables' first row.
  ///
  /// Byte for byte what Pillow's `resize(size, BICUBIC)` makes of 8-bit pictures: weights in 22 bits after the point, a pass
  /// along the rows, rounded and clipped, then one along the columns. At the border the weights of what is missing go
  /// to the rest. Samples of 16 bits are treated alike, where Pillow has no counterpart.
  /// - Parameter scale: 1 or more; each side grows by it.
  /// Alpha is enlarged alike, and the colours are those that give the enlarged samples on white.
  /// - Returns: a picture of the same depth, with this one's metadata and orientation.
  public func bicubic(scale: Int) -> Picture { bicubic(scale: scale, check: {}) }

  /// As `bicubic(scale:)`.
  /// - Parameter check: called before each row of either pass; what it throws ends the work.
  public func bicubic<Stop: Error>(scale: Int, check: () throws(Stop) -> Void) throws(Stop) -> Picture {
    precondition(scale > 0, "a picture cannot be enlarged \(scale) times")
    let (large, cover) = try Interrupted.replacing(check) { (check) throws(Interrupted) in
      let large = try enlarged(samples, channels: 3, scale, check: check)
      guard let alpha else { return (large, nil as Samples?) }
      return (large, try enlarged(alpha, channels: 1, scale, check: check))
    }
    let transparency = cover.map { Transparency(laidOnWhite: large, alpha: $0) }
    return Picture(
      like: self, width: scale * width, height: scale * height, samples: large, transparency: transparency)
  }

  /// One plane of alpha, enlarged as `bicubic` does, for pictures whose colours are enlarged in another way.
  /// - Parameters:
  ///   - alpha: (height, width) of a picture of this one's size.
  ///   - check: called before each row of either pass; what it throws ends the work.
  public func bicubicAlpha<Stop: Error>(
    _ alpha: Samples, scale: Int, check: () throws(Stop) -> Void
  ) throws(Stop) -> Samples {
    try Interrupted.replacing(check) { (check) throws(Interrupted) in
      try enlarged(alpha, channels: 1, scale, check: check)
    }
  }

  private func enlarged(
    _ samples: Samples, channels: Int, _ scale: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> Samples {
    switch samples {
    case .bits8(let samples): .bits8(try enlarge(samples, channels: channels, scale, check: check))
    case .bits16(let samples): .bits16(try enlarge(samples, channels: channels, scale, check: check))
    }
  }

  private func enlarge<Sample: FixedWidthInteger>(
    _ samples: [Sample], channels: Int, _ scale: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    let wide = try BicubicPass(side: width, scale: scale, channels: channels).alongRows(
      of: samples, height: height, check: check)
    return try BicubicPass(side: height, scale: scale, channels: channels)
      .alongColumns(of: wide, width: scale * width, check: check)
  }
}

/// Enlarges along one axis. Names and arithmetic follow Pillow's `Resample.c`.
private struct BicubicPass {
  private static let precision = 22
  private let taps: [Tap]
  private let channels: Int

  /// What an output position takes its value from: input positions and their weights, 2^22 for 1. At the border, what is
  /// missing has no weight.
  private struct Tap {
    var position = SIMD4<Int>()
    var weight = SIMD4<Int>()

    @inline(__always)
    func sum<Sample: FixedWidthInteger>(_ value: (_ position: Int) -> Sample) -> Sample {
      var total = 1 << (BicubicPass.precision - 1)
      for index in 0..<4 { total += weight[index] * Int(value(position[index])) }
      return Sample(clamping: total >> BicubicPass.precision)
    }
  }

  init(side: Int, scale: Int, channels: Int) {
    self.channels = channels
    taps = (0..<side * scale).map { Self.tap(of: $0, scale: 1 / Double(scale), side: side) }
  }

  private static func tap(of position: Int, scale: Double, side: Int) -> Tap {
    let centre = (Double(position) + 0.5) * scale
    let start = max(Int(centre - 2 + 0.5), 0)
    let end = min(Int(centre + 2 + 0.5), side)
    let weights = (start..<end).map { weight(Double($0) - centre + 0.5) }
    let share = 1 / weights.reduce(0, +)
    var tap = Tap(position: SIMD4(repeating: start))
    for (index, weight) in weights.enumerated() {
      tap.position[index] = start + index
      tap.weight[index] = Int((weight * share * Double(1 << precision)).rounded())
    }
    return tap
  }

  private static func weight(_ distance: Double) -> Double {
    let a = -0.5
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  /// - Parameter samples: (height, side, channels)
  /// - Returns: (height, scale side, channels)
  func alongRows<Sample: FixedWidthInteger>(
    of samples: [Sample], height: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    let rowLength = samples.count / height
    return try collect(rows: height, of: channels * taps.count, from: samples, check: check) {
      row, samples, append in
      for tap in taps {
        for channel in 0..<channels {
          append(tap.sum { samples[row * rowLength + channels * $0 + channel] })
        }
      }
    }
  }

  /// - Parameter samples: (side, width, channels)
  /// - Returns: (scale side, width, channels)
  func alongColumns<Sample: FixedWidthInteger>(
    of samples: [Sample], width: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    let rowLength = channels * width
    return try collect(rows: taps.count, of: rowLength, from: samples, check: check) {
      row, samples, append in
      let tap = taps[row]
      for column in 0..<rowLength { append(tap.sum { samples[$0 * rowLength + column] }) }
    }
  }

  /// As many rows as said, made of other samples one after the other.
  /// - Parameter body: appends a row's samples, `length` of them.
  @inline(__always)
  private func collect<Sample>(
    rows: Int, of length: Int, from samples: [Sample], check: () throws(Interrupted) -> Void,
    _ body: (_ row: Int, _ samples: UnsafeBufferPointer<Sample>, _ append: (Sample) -> Void) -> Void
  ) throws(Interrupted) -> [Sample] {
    var stop: Interrupted?
    let result = [Sample](unsafeUninitializedCapacity: rows * length) { output, initialized in
      samples.withUnsafeBufferPointer { samples in
        for row in 0..<rows {
          do throws(Interrupted) { try check() } catch {
            stop = error
            return
          }
          body(row, samples) { sample in
            output.initializeElement(at: initialized, to: sample)
            initialized += 1
          }
        }
      }
    }
    if let stop { throw stop }
    return result
  }
}
