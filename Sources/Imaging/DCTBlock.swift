import Foundation

/// A block of 8x8 levels, and what is wanted of its discrete cosine transform (DCT-II, orthonormal; coefficient (i, j) is of
/// frequency i down and j across).
struct DCTBlock {
  static let side = 8
  /// How many coefficients have i + j >= 11.
  static let highCount = 10
  /// Of frequencies 4, 5, 6 and 7: cos(pi k (2 n + 1) / 16) / 2.
  static let highWaves: InlineArray<4, SIMD8<Float>> = InlineArray { index in
    let k = Double(index + 4)
    return SIMD8((0..<8).map { Float(cos(Double.pi * k * Double(2 * $0 + 1) / 16) / 2) })
  }

  /// Of frequencies 0, 1 and 2.
  private static let lowWaves: InlineArray<3, SIMD8<Float>> = InlineArray { k in
    let scale = k == 0 ? 0.5.squareRoot() / 2 : 0.5
    return SIMD8((0..<8).map { Float(cos(Double.pi * Double(k * (2 * $0 + 1)) / 16) * scale) })
  }
  static let lowCount = 5

  private let rows: InlineArray<8, SIMD8<Float>>

  @inline(__always)
  init(row: (Int) -> SIMD8<Float>) { rows = InlineArray(row) }

  /// Whether some level is 0 or 255.
  @inline(__always)
  var isClipped: Bool {
    var (least, most) = (rows[0], rows[0])
    for row in 1..<8 {
      least.replace(with: rows[row], where: rows[row] .< least)
      most.replace(with: rows[row], where: rows[row] .> most)
    }
    return any(least .<= 0) || any(most .>= 255)
  }

  /// Coefficients (4, 7), (5, 6), (5, 7), (6, 5) ... (7, 7).
  @inline(__always)
  var highCoefficients: InlineArray<10, Float> {
    let waves = Self.highWaves
    var coefficients = InlineArray<10, Float>(repeating: 0)
    var count = 0
    for i in 0..<4 {
      var column = SIMD8<Float>.zero
      for row in 0..<8 { column += waves[i][row] * rows[row] }
      for j in (3 - i)..<4 {
        coefficients[count] = (column * waves[j]).sum()
        count += 1
      }
    }
    return coefficients
  }

  /// Coefficients (0, 1), (0, 2), (1, 0), (1, 1) and (2, 0).
  var lowCoefficients: InlineArray<5, Float> {
    let waves = Self.lowWaves
    var columns = InlineArray<3, SIMD8<Float>>(repeating: .zero)
    for i in 0..<3 { for row in 0..<8 { columns[i] += waves[i][row] * rows[row] } }
    return [
      (columns[0] * waves[1]).sum(), (columns[0] * waves[2]).sum(), (columns[1] * waves[0]).sum(),
      (columns[1] * waves[1]).sum(), (columns[2] * waves[0]).sum(),
    ]
  }

  @inline(__always)
  var mean: Float {
    var sum = SIMD8<Float>.zero
    for row in 0..<8 { sum += rows[row] }
    return sum.sum() / 64
  }

  /// Sum of the squares of all other coefficients but the mean's; by Parseval's theorem, what is left of the squares of
  /// the levels about their mean.
  @inline(__always)
  var lowEnergy: Float {
    let mean = mean
    var squares = SIMD8<Float>.zero
    for row in 0..<8 { squares += (rows[row] - mean) * (rows[row] - mean) }
    let high = highCoefficients
    return (0..<10).reduce(squares.sum()) { $0 - high[$1] * high[$1] }
  }
}
