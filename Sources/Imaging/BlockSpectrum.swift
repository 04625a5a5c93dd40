import Foundation

/// Eight rows of eight values, or of eight coefficients.
typealias Block = InlineArray<8, SIMD8<Float>>

/// Blocks of 8x8 of the three channels.
struct SpectrumSource<Sample: FixedWidthInteger & UnsignedInteger> {
  let samples: [Sample]
  let width: Int

  /// Three channels' rows of levels of 255.
  func blocks(at corner: Int) -> InlineArray<3, Block> {
    let scale = 255 / Float(Sample.max)
    return samples.withUnsafeBufferPointer { samples in
      InlineArray { channel in
        InlineArray { row in
          var line = SIMD8<Float>.zero
          let start = 3 * (corner + row * width) + channel
          for column in 0..<8 { line[column] = Float(samples[start + 3 * column]) }
          return line * scale
        }
      }
    }
  }
}

/// A block's discrete cosine transform (DCT-II, orthonormal).
struct FullTransform {
  /// The transform's matrix: row k holds frequency k. And its transpose.
  private static let waves = matrix { k, x in wave(k, x) }
  private static let transposed = matrix { x, k in wave(k, x) }

  /// Row i, lane j: the coefficient of frequency i down and j across.
  let coefficients: Block

  init(_ rows: Block) {
    coefficients = Self.product(Self.product(Self.waves, rows), Self.transposed)
  }

  /// The transform is linear: a weighted sum of blocks has the weighted sum of their coefficients.
  init(_ row: (Int) -> SIMD8<Float>) { coefficients = InlineArray(row) }

  /// The product of two matrices, whose rows are the other's rows weighted and summed.
  private static func product(_ left: Block, _ right: Block) -> Block {
    InlineArray { i in
      let weights = left[i]
      var sum = weights[0] * right[0]
      for k in 1..<8 { sum += weights[k] * right[k] }
      return sum
    }
  }

  /// The sum of products with another's coefficients over those that a mask has.
  func product(_ other: FullTransform, over mask: FrequencyMask) -> Float {
    var sum = coefficients[0] * other.coefficients[0] * mask.rows[0]
    for i in 1..<8 { sum += coefficients[i] * other.coefficients[i] * mask.rows[i] }
    return sum.sum()
  }

  func power(over mask: FrequencyMask) -> Float { product(self, over: mask) }

  private static func matrix(_ value: (_ row: Int, _ column: Int) -> Double) -> Block {
    InlineArray { row in SIMD8((0..<8).map { Float(value(row, $0)) }) }
  }

  private static func wave(_ k: Int, _ x: Int) -> Double {
    (k == 0 ? 0.125.squareRoot() : 0.5) * cos(Double.pi * Double(k * (2 * x + 1)) / 16)
  }
}

/// Coefficients of some frequencies, usually (i, j) with i + j in a range: 1 there, 0 elsewhere.
struct FrequencyMask {
  let rows: Block
  let count: Int

  init(_ frequencies: ClosedRange<Int>) { self.init { frequencies.contains($0 + $1) } }

  init(where isWanted: (_ down: Int, _ across: Int) -> Bool) {
    rows = InlineArray { i in SIMD8((0..<8).map { isWanted(i, $0) ? 1 : 0 }) }
    count = (0..<64).count { isWanted($0 / 8, $0 % 8) }
  }
}
