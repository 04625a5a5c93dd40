import Foundation

extension Picture {
  /// Nil where there are fewer than 64 blocks of 8x8, as in pictures of 15x15 pixels or less.
  ///
  /// At most 8,192 blocks are looked at, evenly spread, an odd number of pixels apart so that they start at every place of
  /// a JPEG's grid. Those that touch black or white are left out of the floor unless hardly any others are to be had.
  /// Takes a few dozen milliseconds.
  public var noiseSpectrum: NoiseSpectrum? { noiseSpectrum(rows: 0..<height, columns: 0..<width) }

  /// As `noiseSpectrum`, of a part of the picture.
  package func noiseSpectrum(rows: Range<Int>, columns: Range<Int>) -> NoiseSpectrum? {
    switch samples {
    case .bits8(let samples): spectrum(of: samples, rows: rows, columns: columns)
    case .bits16(let samples): spectrum(of: samples, rows: rows, columns: columns)
    }
  }

  /// What an enlarging network should be told of this picture.
  public func enlargingNoise() -> EnlargingNoise {
    EnlargingNoise(white: noiseLevel(), spectrum: noiseSpectrum, wasJPEG: jpegTrace != nil)
  }

  private func spectrum<Sample: FixedWidthInteger & UnsignedInteger>(
    of samples: [Sample], rows: Range<Int>, columns: Range<Int>
  ) -> NoiseSpectrum? {
    let (down, across) = (rows.count - DCTBlock.side + 1, columns.count - DCTBlock.side + 1)
    guard down > 0, across > 0, down * across >= SpectrumSums.leastBlocks else { return nil }
    var distance = 1
    while down * across > SpectrumSums.mostBlocks * distance * distance { distance += 2 }
    var sums = SpectrumSums()
    let source = SpectrumSource(samples: samples, width: width)
    for row in stride(from: rows.lowerBound, to: rows.lowerBound + down, by: distance) {
      for column in stride(from: columns.lowerBound, to: columns.lowerBound + across, by: distance) {
        sums.add(source.blocks(at: row * width + column))
      }
    }
    return sums.spectrum(rounding: 255 / Double(maximum))
  }
}

/// What is added up over blocks.
private struct SpectrumSums {
  static let leastBlocks = 64
  static let mostBlocks = 8192
  /// Frequencies of the floor's four bands.
  private static let bands = [2...3, 4...5, 6...7, 12...14].map(FrequencyMask.init)
  private static let (middle, high) = (FrequencyMask(4...7), FrequencyMask(11...14))
  private static let belowHigh = FrequencyMask(1...10)

  private var blocks = 0
  /// Mean squares of luma by band, and what the channels share, of blocks that are not clipped and of the others.
  private var whole: [Place] = []
  private var clipped: [Place] = []
  /// Power of luma and of the colour differences at middle and high frequencies.
  private var luma = (middle: 0.0, high: 0.0)
  private var chroma = (middle: 0.0, high: 0.0)

  private struct Place {
    let bands: SIMD4<Float>
    /// Below the highest frequencies: by how much it varies.
    let energy: Float
    /// Covariances of red, green and blue at the highest frequencies: rr, gg, bb, rg, rb, gb.
    let covariance: InlineArray<6, Float>
  }

  mutating func add(_ channels: InlineArray<3, Block>) {
    blocks += 1
    let (red, green, blue) = (
      FullTransform(channels[0]), FullTransform(channels[1]), FullTransform(channels[2])
    )
    let ownLuma = FullTransform {
      Luminance.of(red.coefficients[$0], green.coefficients[$0], blue.coefficients[$0])
    }
    luma.middle += Double(ownLuma.power(over: Self.middle))
    luma.high += Double(ownLuma.power(over: Self.high))
    addDifference(red, green)
    addDifference(blue, green)
    let bands = Self.bands
    let place = Place(
      bands: SIMD4((0..<4).map { ownLuma.power(over: bands[$0]) / Float(bands[$0].count) }),
      energy: ownLuma.power(over: Self.belowHigh),
      covariance: Self.covariance(red: red, green: green, blue: blue))
    if Self.isClipped(channels) { clipped.append(place) } else { whole.append(place) }
  }

  private mutating func addDifference(_ one: FullTransform, _ other: FullTransform) {
    let difference = FullTransform { one.coefficients[$0] - other.coefficients[$0] }
    chroma.middle += Double(difference.power(over: Self.middle))
    chroma.high += Double(difference.power(over: Self.high))
  }

  private static func covariance(
    red: FullTransform, green: FullTransform, blue: FullTransform
  ) -> InlineArray<6, Float> {
    let high = high
    return [
      red.power(over: high), green.power(over: high), blue.power(over: high), red.product(green, over: high),
      red.product(blue, over: high), green.product(blue, over: high),
    ]
  }

  private static func isClipped(_ channels: InlineArray<3, Block>) -> Bool {
    channels.indices.contains { channel in
      (0..<8).contains { any(channels[channel][$0] .<= 0) || any(channels[channel][$0] .>= 255) }
    }
  }

  /// - Parameter rounding: the step between two samples, in levels of 255.
  func spectrum(rounding: Double) -> NoiseSpectrum {
    let usable = whole.count >= Self.leastBlocks ? whole : whole + clipped
    let floors = (0..<4).map { band in
      let values = usable.map { $0.bands[band] }.sorted()
      return Double(values[values.count / 50]).squareRoot()
    }
    return NoiseSpectrum(
      floor: .init(low: floors[0], middle: floors[1], upper: floors[2], high: floors[3]),
      lumaSlope: log(
        (luma.high / Double(Self.high.count) + 1e-3)
          / (luma.middle / Double(Self.middle.count) + 1e-3)),
      chromaSlope: chromaSlope(rounding), sharing: Self.sharing(usable))
  }

  /// Two roundings' variance, that of a difference's channels, is taken off; little colour says nothing.
  private func chromaSlope(_ rounding: Double) -> Double? {
    func power(_ sum: Double, _ frequencies: FrequencyMask) -> Double {
      max(sum / Double(2 * blocks * frequencies.count) - rounding * rounding / 6, 0)
    }
    let (middle, high) = (power(chroma.middle, Self.middle), power(chroma.high, Self.high))
    return middle > 0.25 ? log((high + 0.05) / (middle + 0.05)) : nil
  }

  /// How far the channels share their noise, measured in the flattest fiftieth of the blocks.
  private static func sharing(_ blocks: [Place]) -> Double {
    let flattest = blocks.sorted { $0.energy < $1.energy }.prefix(max(blocks.count / 50, 32))
    let sums = (0..<6).map { index in flattest.reduce(0.0) { $0 + Double($1.covariance[index]) } }
    let mean = (sums[0] + sums[1] + sums[2]) / 3
    guard mean > 0 else { return 1 }
    return (largestEigenvalue(sums) / mean).squareRoot()
  }

  /// The largest eigenvalue of the symmetric matrix rr, gg, bb, rg, rb, gb, by power iteration.
  private static func largestEigenvalue(_ m: [Double]) -> Double {
    var vector = SIMD3(0.62, 0.58, 0.53)
    let rows = [SIMD3(m[0], m[3], m[4]), SIMD3(m[3], m[1], m[5]), SIMD3(m[4], m[5], m[2])]
    var value = 0.0
    for _ in 0..<64 {
      let next = SIMD3((rows[0] * vector).sum(), (rows[1] * vector).sum(), (rows[2] * vector).sum())
      value = (next * next).sum().squareRoot()
      guard value > 0 else { return 0 }
      vector = next / value
    }
    return value
  }
}
