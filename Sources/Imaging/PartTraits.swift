/// What a part of a picture shows of its noise, its sharpness and its processing, for the judge of its enlargement. Luma and
/// colours are in levels of 255.
package struct PartTraits: Sendable, Equatable {
  /// How the mean squares of some coefficients of the discrete cosine transform are spread over blocks of 8x8 pixels.
  package struct Power: Sendable, Equatable {
    /// The fifth percentile, the median and the mean.
    package let floor, median, mean: Double
  }

  /// A quantity's mean square and mean fourth power.
  package struct Moments: Sendable, Equatable {
    package let second, fourth: Double
  }

  /// Luma at frequencies i + j of 1 and 2, 3 and 4, and so on up to 13 and 14.
  package let luma: [Power]
  /// The mean of red less green and blue less green at frequencies 1 to 3, 4 to 7, 8 to 10 and 11 to 14.
  package let colour: [Power]
  /// Luma's mean squares where one frequency is at least 6 and the other at most 1, and where both are at least 6.
  package let axial, diagonal: Double
  /// The share of blocks that touch black or white.
  package let clipped: Double
  /// Luma's differences between neighbours, and what the Laplacian makes of luma.
  package let differences, curvature: Moments
}

extension Picture {
  /// Nil where there are fewer than 64 blocks of 8x8. At most 4,096 are looked at, evenly spread, an odd number of pixels
  /// apart so that they start at every place of a JPEG's grid.
  package func traits(rows: Range<Int>, columns: Range<Int>) -> PartTraits? {
    switch samples {
    case .bits8(let samples): traits(of: samples, rows, columns)
    case .bits16(let samples): traits(of: samples, rows, columns)
    }
  }

  private func traits<Sample: FixedWidthInteger & UnsignedInteger>(
    of samples: [Sample], _ rows: Range<Int>, _ columns: Range<Int>
  ) -> PartTraits? {
    let (down, across) = (rows.count - DCTBlock.side + 1, columns.count - DCTBlock.side + 1)
    guard down > 0, across > 0, down * across >= TraitSums.leastBlocks else { return nil }
    var distance = 1
    while down * across > TraitSums.mostBlocks * distance * distance { distance += 2 }
    let source = SpectrumSource(samples: samples, width: width)
    var sums = TraitSums()
    for row in stride(from: rows.lowerBound, to: rows.lowerBound + down, by: distance) {
      for column in stride(from: columns.lowerBound, to: columns.lowerBound + across, by: distance) {
        sums.add(source.blocks(at: row * width + column))
      }
    }
    let plane = PartLuma(source, rows: rows, columns: columns)
    return sums.traits(differences: plane.differences, curvature: plane.curvature)
  }
}

/// What is collected over blocks.
private struct TraitSums {
  static let leastBlocks = 64
  static let mostBlocks = 4096

  private static let lumaMasks = (0..<7).map { FrequencyMask(2 * $0 + 1...2 * $0 + 2) }
  private static let colourMasks = [1...3, 4...7, 8...10, 11...14].map(FrequencyMask.init)
  private static let axial = FrequencyMask { max($0, $1) >= 6 && min($0, $1) <= 1 }
  private static let diagonal = FrequencyMask { min($0, $1) >= 6 }

  /// By band, one value a block.
  private var luma = [[Float]](repeating: [], count: lumaMasks.count)
  private var colour = [[Float]](repeating: [], count: colourMasks.count)
  private var (axial, diagonal) = (0.0, 0.0)
  private var (blocks, clipped) = (0, 0)

  mutating func add(_ channels: InlineArray<3, Block>) {
    blocks += 1
    if Self.isClipped(channels) { clipped += 1 }
    let (red, green, blue) = (
      FullTransform(channels[0]), FullTransform(channels[1]), FullTransform(channels[2])
    )
    let own = FullTransform {
      Luminance.of(red.coefficients[$0], green.coefficients[$0], blue.coefficients[$0])
    }
    for (band, mask) in Self.lumaMasks.enumerated() { luma[band].append(Self.power(own, mask)) }
    axial += Double(Self.power(own, Self.axial))
    diagonal += Double(Self.power(own, Self.diagonal))
    let (warm, cold) = (Self.difference(red, green), Self.difference(blue, green))
    for (band, mask) in Self.colourMasks.enumerated() {
      colour[band].append((Self.power(warm, mask) + Self.power(cold, mask)) / 2)
    }
  }

  private static func power(_ transform: FullTransform, _ mask: FrequencyMask) -> Float {
    transform.power(over: mask) / Float(mask.count)
  }

  private static func difference(_ one: FullTransform, _ other: FullTransform) -> FullTransform {
    FullTransform { one.coefficients[$0] - other.coefficients[$0] }
  }

  /// By luma, in levels of 255.
  private static func isClipped(_ channels: InlineArray<3, Block>) -> Bool {
    (0..<8).contains { row in
      let luma = Luminance.of(channels[0][row], channels[1][row], channels[2][row])
      return any(luma .< 2) || any(luma .> 253)
    }
  }

  func traits(differences: PartTraits.Moments, curvature: PartTraits.Moments) -> PartTraits {
    PartTraits(
      luma: luma.map(Self.power), colour: colour.map(Self.power), axial: axial / Double(blocks),
      diagonal: diagonal / Double(blocks), clipped: Double(clipped) / Double(blocks),
      differences: differences, curvature: curvature)
  }

  private static func power(_ values: [Float]) -> PartTraits.Power {
    let sorted = values.sorted()
    return PartTraits.Power(
      floor: Double(sorted[sorted.count / 20]), median: Double(sorted[sorted.count / 2]),
      mean: values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
  }
}

/// A part's luma, pixel by pixel.
private struct PartLuma {
  private let width, height: Int
  private let values: [Float]

  init<Sample: FixedWidthInteger & UnsignedInteger>(
    _ source: SpectrumSource<Sample>, rows: Range<Int>, columns: Range<Int>
  ) {
    (width, height) = (columns.count, rows.count)
    let scale = 255 / Float(Sample.max)
    var values: [Float] = []
    values.reserveCapacity(rows.count * columns.count)
    for row in rows {
      for column in columns {
        let index = 3 * (row * source.width + column)
        let (red, green, blue) = (
          Float(source.samples[index]), Float(source.samples[index + 1]), Float(source.samples[index + 2])
        )
        values.append(Luminance.of(red, green, blue) * scale)
      }
    }
    self.values = values
  }

  /// Right and down.
  var differences: PartTraits.Moments {
    moments { index in
      [values[index + 1] - values[index], values[index + width] - values[index]]
    }
  }

  var curvature: PartTraits.Moments {
    moments { index in
      let beside = values[index - 1] + values[index + 1] + values[index - width] + values[index + width]
      return [4 * values[index] - beside]
    }
  }

  /// Over the pixels that have neighbours on all sides.
  private func moments<let count: Int>(_ quantities: (_ index: Int) -> InlineArray<count, Float>)
    -> PartTraits.Moments
  {
    var (second, fourth, number) = (0.0, 0.0, 0.0)
    for y in 1..<height - 1 {
      for x in 1..<width - 1 {
        let found = quantities(y * width + x)
        for index in found.indices {
          let square = Double(found[index]) * Double(found[index])
          second += square
          fourth += square * square
          number += 1
        }
      }
    }
    return PartTraits.Moments(second: second / number, fourth: fourth / number)
  }
}
