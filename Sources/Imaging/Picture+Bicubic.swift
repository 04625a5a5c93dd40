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
  public func bicubic(scale: Int) -> Picture {
    precondition(scale > 0, "a picture cannot be enlarged \(scale) times")
    let large = enlarged(samples, channels: 3, scale)
    let transparency = alpha.map { Transparency(laidOnWhite: large, alpha: enlarged($0, channels: 1, scale)) }
    return Picture(
      like: self, width: scale * width, height: scale * height, samples: large, transparency: transparency)
  }

  /// One plane of alpha, enlarged as `bicubic` does, for pictures whose colours are enlarged in another way.
  /// - Parameter alpha: (height, width) of a picture of this one's size.
  public func bicubicAlpha(_ alpha: Samples, scale: Int) -> Samples { enlarged(alpha, channels: 1, scale) }

  /// Some rows and columns of `bicubic(scale:)`, without the others' being computed: its samples, or those of alpha.
  /// - Parameters:
  ///   - rows, columns: of the enlarged picture, in the order that they are wanted in; they may come several times.
  /// - Returns: (rows, columns, 3); of alpha (rows, columns), nil where the picture has none.
  package func bicubicSamples(scale: Int, rows: [Int], columns: [Int]) -> Samples {
    enlarged(samples, channels: 3, scale, rows: rows, columns: columns)
  }

  package func bicubicAlpha(scale: Int, rows: [Int], columns: [Int]) -> Samples? {
    alpha.map { enlarged($0, channels: 1, scale, rows: rows, columns: columns) }
  }

  /// - Parameter rows, columns: nil for all.
  private func enlarged(
    _ samples: Samples, channels: Int, _ scale: Int, rows: [Int]? = nil, columns: [Int]? = nil
  ) -> Samples {
    let across = BicubicPass(columns ?? Array(0..<scale * width), of: width, scale: scale, channels: channels)
    let down = BicubicPass(rows ?? Array(0..<scale * height), of: height, scale: scale, channels: channels)
    func enlarge<Sample: FixedWidthInteger>(_ samples: [Sample]) -> [Sample] {
      let (wanted, local) = down.onlyNeeded()
      return local.alongColumns(
        of: across.alongRows(wanted, of: samples, rowLength: channels * width), across)
    }
    return switch samples {
    case .bits8(let samples): .bits8(enlarge(samples))
    case .bits16(let samples): .bits16(enlarge(samples))
    }
  }
}

/// Enlarges along one axis. Names and arithmetic follow Pillow's `Resample.c`.
private struct BicubicPass {
  private static let precision = 22
  private var taps: [Tap]
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

  /// - Parameters:
  ///   - positions: on the enlarged side.
  ///   - side: of the picture.
  init(_ positions: [Int], of side: Int, scale: Int, channels: Int) {
    self.channels = channels
    taps = positions.map { Self.tap(of: $0, scale: 1 / Double(scale), side: side) }
  }

  /// The input positions that are looked at, from the first on, and the pass over these alone.
  func onlyNeeded() -> (positions: [Int], pass: BicubicPass) {
    var places: [Int: Int] = [:]
    for tap in taps { for index in 0..<4 { places[tap.position[index]] = 0 } }
    let positions = places.keys.sorted()
    for (place, position) in positions.enumerated() { places[position] = place }
    var pass = self
    for number in taps.indices {
      for index in 0..<4 { pass.taps[number].position[index] = places[taps[number].position[index]] ?? 0 }
    }
    return (positions, pass)
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
  /// - Returns: (rows, taps, channels)
  func alongRows<Sample: FixedWidthInteger>(
    _ rows: [Int], of samples: [Sample], rowLength: Int
  ) -> [Sample] {
    collect(channels * rows.count * taps.count, from: samples) { samples, append in
      for row in rows {
        for tap in taps {
          for channel in 0..<channels {
            append(tap.sum { samples[row * rowLength + channels * $0 + channel] })
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - samples: (side, width, channels)
  ///   - across: what made them of their rows.
  /// - Returns: (taps, width, channels)
  func alongColumns<Sample: FixedWidthInteger>(of samples: [Sample], _ across: BicubicPass) -> [Sample] {
    let rowLength = channels * across.taps.count
    return collect(rowLength * taps.count, from: samples) { samples, append in
      for tap in taps {
        for column in 0..<rowLength { append(tap.sum { samples[$0 * rowLength + column] }) }
      }
    }
  }

  /// As many samples as said, made of others one after the other.
  @inline(__always)
  private func collect<Sample>(
    _ count: Int, from samples: [Sample],
    _ body: (_ samples: UnsafeBufferPointer<Sample>, _ append: (Sample) -> Void) -> Void
  ) -> [Sample] {
    [Sample](unsafeUninitializedCapacity: count) { output, initialized in
      samples.withUnsafeBufferPointer { samples in
        body(samples) { sample in
          output.initializeElement(at: initialized, to: sample)
          initialized += 1
        }
      }
    }
  }
}
