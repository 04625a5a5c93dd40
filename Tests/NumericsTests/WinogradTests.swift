import CLoops
import Numerics
import Testing

/// Winograd's transforms against the formulas of one dimension, twice, in the order that they are written in: every
/// instruction set must give those very bytes.
@Suite("Winograd's transforms")
struct WinogradTests {
  private typealias Line = [Float]

  private static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

  private static func input(_ d: Line) -> Line {
    let (p, q) = (fma(-4, d[2], d[4]), fma(-4, d[1], d[3]))
    let (r, s) = (d[4] - d[2], 2 * (d[3] - d[1]))
    return [
      fma(4, d[0], fma(-5, d[2], d[4])), p + q, p - q, r + s, r - s, fma(4, d[1], fma(-5, d[3], d[5])),
    ]
  }

  private static func output(_ m: Line) -> Line {
    let (p, q, r, s) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4])
    return [m[0] + p + r, fma(2, s, q), fma(4, r, p), fma(8, s, q) + m[5]]
  }

  /// Columns first, as the loops do it, of values[row][column]; the result is [row][column].
  private static func twice(_ values: [Line], _ transform: (Line) -> Line) -> [Line] {
    let columns = values[0].indices.map { column in transform(values.map { $0[column] }) }
    return columns[0].indices.map { row in transform(columns.map { $0[row] }) }
  }

  private static func random(_ count: Int, _ key: UInt64) -> FloatBuffer {
    var random = Philox(key: key)
    let buffer = FloatBuffer(count)
    for index in 0..<count { buffer.pointer[index] = Float(random.uniform(in: -1..<1)) }
    return buffer
  }

  @Test(arguments: [16, 32, 48, 64], [1, 2, 5])
  func `inputs are the formula`(channels: Int, tiles: Int) {
    let (width, point) = (4 * tiles + 2, tiles * channels + 16)
    let rows = (0..<6).map { Self.random(width * channels, UInt64($0)) }
    for unit in VectorUnit.available {
      let result = FloatBuffer(36 * point)
      unit.loops.winograd_gather(
        rows.map { Optional(UnsafePointer($0.pointer)) }, tiles, channels, result.pointer, point)
      for tile in 0..<tiles {
        for channel in 0..<channels {
          let values = rows.map { row in
            (0..<6).map { row.pointer[(4 * tile + $0) * channels + channel] }
          }
          let expected = Self.twice(values, Self.input).flatMap { $0 }
          for (index, value) in expected.enumerated() {
            let found = result.pointer[index * point + tile * channels + channel]
            #expect(found.bitPattern == value.bitPattern, "\(unit.instructionSet), tile \(tile), \(index)")
          }
        }
      }
    }
  }

  /// Widths and heights that do not fill the last tile: what lies beyond them keeps its value.
  @Test(arguments: [CKERNELS_STORE, CKERNELS_RELU, CKERNELS_ADD].map(\.rawValue), [1, 4, 7, 10])
  func `outputs are the formula`(ending: UInt32, columns: Int) {
    let channels = 32
    let tiles = (columns + 3) / 4
    let (width, point) = (4 * tiles, tiles * channels + 16)
    let products = Self.random(36 * point, 9)
    for (unit, count) in VectorUnit.available.flatMap({ unit in (1...4).map { (unit, $0) } }) {
      let rows = (0..<4).map { Self.random(width * channels, UInt64(20 + $0)) }
      let before = rows.map(\.array)
      unit.loops.winograd_scatter(
        products.pointer, point, columns, channels, rows.map { Optional($0.pointer) }, count,
        cloops_ending(rawValue: ending))
      for place in 0..<width * channels {
        let (x, channel) = (place / channels, place % channels)
        let values = (0..<6).map { row in
          (0..<6).map { products.pointer[(6 * row + $0) * point + x / 4 * channels + channel] }
        }
        let tile = Self.twice(values, Self.output)
        for row in 0..<4 {
          let (old, sum) = (before[row][place], tile[row][x % 4])
          let ended = [CKERNELS_RELU.rawValue: max(sum, 0), CKERNELS_ADD.rawValue: sum + old][ending] ?? sum
          let expected = row < count && x < columns ? ended : old
          #expect(rows[row].pointer[place].bitPattern == expected.bitPattern, "\(unit.instructionSet)")
        }
      }
    }
  }
}
