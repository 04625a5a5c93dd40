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

  /// What an enlarging network should be told of this picture, and how far its result can be relied on.
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

/// Blocks of 8x8 of luma and of the three channels.
private struct SpectrumSource<Sample: FixedWidthInteger & UnsignedInteger> {
  let samples: [Sample]
  let width: Int

  /// Three channels' rows of levels of 255.
  func blocks(at corner: Int) -> [InlineArray<8, SIMD8<Float>>] {
    let scale = 255 / Float(Sample.max)
    return (0..<3).map { channel in
      InlineArray { row in
        var line = SIMD8<Float>.zero
        let start = 3 * (corner + row * width) + channel
        for column in 0..<8 { line[column] = Float(samples[start + 3 * column]) }
        return line * scale
      }
    }
  }
}

/// A block's discrete cosine transform (DCT-II, orthonormal).
private struct FullTransform {
  /// Row k holds frequency k.
  static let waves: InlineArray<8, SIMD8<Float>> = InlineArray { k in
    let scale = k == 0 ? 0.125.squareRoot() : 0.5
    return SIMD8((0..<8).map { Float(scale * cos(Double.pi * Double(k * (2 * $0 + 1)) / 16)) })
  }

  /// Row i, lane j: the coefficient of frequency i down and j across.
  private var coefficients: InlineArray<8, SIMD8<Float>>

  init(_ rows: InlineArray<8, SIMD8<Float>>) {
    let waves = Self.waves
    coefficients = InlineArray { i in
      var down = SIMD8<Float>.zero
      for row in 0..<8 { down += waves[i][row] * rows[row] }
      var line = SIMD8<Float>.zero
      for j in 0..<8 { line[j] = (down * waves[j]).sum() }
      return line
    }
  }

  /// Sums of products with another's coefficients, by i + j, 0 to 14.
  func products(_ other: FullTransform) -> InlineArray<15, Float> {
    var sums = InlineArray<15, Float>(repeating: 0)
    for i in 0..<8 {
      let line = coefficients[i] * other.coefficients[i]
      for j in 0..<8 { sums[i + j] += line[j] }
    }
    return sums
  }
}

/// What is added up over blocks.
private struct SpectrumSums {
  static let leastBlocks = 64
  static let mostBlocks = 8192
  /// Frequencies of the floor's four bands.
  private static let bands = [2...3, 4...5, 6...7, 12...14]
  private static let (middle, high) = (4...7, 11...14)

  private var blocks = 0
  /// Mean squares of luma by band, and what the channels share, of blocks that are not clipped and of the others.
  private var whole: [Block] = []
  private var clipped: [Block] = []
  /// Power of luma and of the colour differences at middle and high frequencies.
  private var luma = (middle: 0.0, high: 0.0)
  private var chroma = (middle: 0.0, high: 0.0)

  private struct Block {
    let bands: [Float]
    /// Below the highest frequencies: by how much it varies.
    let energy: Float
    /// Covariances of red, green and blue at the highest frequencies: rr, gg, bb, rg, rb, gb.
    let covariance: [Float]
  }

  private static func count(_ frequencies: ClosedRange<Int>) -> Int {
    frequencies.reduce(0) { $0 + (8 - abs(7 - $1)) }
  }

  private static func sum(_ products: InlineArray<15, Float>, _ frequencies: ClosedRange<Int>) -> Float {
    frequencies.reduce(0) { $0 + products[$1] }
  }

  mutating func add(_ channels: [InlineArray<8, SIMD8<Float>>]) {
    blocks += 1
    let (red, green, blue) = (channels[0], channels[1], channels[2])
    let ownLuma = FullTransform(
      InlineArray { Luminance.of(red[$0], green[$0], blue[$0]) }
    )
    let lumaSquares = ownLuma.products(ownLuma)
    luma.middle += Double(Self.sum(lumaSquares, Self.middle))
    luma.high += Double(Self.sum(lumaSquares, Self.high))
    for other in [red, blue] {
      let difference = FullTransform(InlineArray { other[$0] - green[$0] })
      let squares = difference.products(difference)
      chroma.middle += Double(Self.sum(squares, Self.middle))
      chroma.high += Double(Self.sum(squares, Self.high))
    }
    let transforms = channels.map(FullTransform.init)
    let pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    let block = Block(
      bands: Self.bands.map { Self.sum(lumaSquares, $0) / Float(Self.count($0)) },
      energy: Self.sum(lumaSquares, 1...10),
      covariance: pairs.map { Self.sum(transforms[$0.0].products(transforms[$0.1]), Self.high) })
    if Self.isClipped(channels) { clipped.append(block) } else { whole.append(block) }
  }

  private static func isClipped(_ channels: [InlineArray<8, SIMD8<Float>>]) -> Bool {
    channels.contains { rows in (0..<8).contains { any(rows[$0] .<= 0) || any(rows[$0] .>= 255) } }
  }

  /// - Parameter rounding: the step between two samples, in levels of 255.
  func spectrum(rounding: Double) -> NoiseSpectrum {
    let usable = whole.count >= Self.leastBlocks ? whole : whole + clipped
    let floors = Self.bands.indices.map { band in
      let values = usable.map { $0.bands[band] }.sorted()
      return Double(values[values.count / 50]).squareRoot()
    }
    return NoiseSpectrum(
      floor: .init(low: floors[0], middle: floors[1], upper: floors[2], high: floors[3]),
      lumaSlope: log(
        (luma.high / Double(Self.count(Self.high)) + 1e-3)
          / (luma.middle / Double(Self.count(Self.middle)) + 1e-3)),
      chromaSlope: chromaSlope(rounding), sharing: Self.sharing(usable))
  }

  /// Two roundings' variance, that of a difference's channels, is taken off; little colour says nothing.
  private func chromaSlope(_ rounding: Double) -> Double? {
    func power(_ sum: Double, _ frequencies: ClosedRange<Int>) -> Double {
      max(sum / Double(2 * blocks * Self.count(frequencies)) - rounding * rounding / 6, 0)
    }
    let (middle, high) = (power(chroma.middle, Self.middle), power(chroma.high, Self.high))
    return middle > 0.25 ? log((high + 0.05) / (middle + 0.05)) : nil
  }

  /// How far the channels share their noise, measured in the flattest fiftieth of the blocks.
  private static func sharing(_ blocks: [Block]) -> Double {
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
