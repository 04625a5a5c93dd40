import Numerics

/// What cubic convolution (Keys 1981) takes a value of an enlarged row or column from: four neighbours.
struct CubicTaps {
  private var index = SIMD4<Int>()
  private var weight = SIMD4<Float>()

  /// - Parameters:
  ///   - position: in the picture, where pixel i is centred on i.
  ///   - a: the kernel's slope at distance 1; -0.5 is Keys' choice, PyTorch and OpenCV use -0.75.
  ///   - border: where a neighbour beyond the picture's sides is read.
  init(at position: Double, a: Double, border: (Int) -> Int) {
    let first = Int(position.rounded(.down)) - 1
    for tap in 0..<4 {
      index[tap] = border(first + tap)
      weight[tap] = Float(Self.weight(abs(position - Double(first + tap)), a))
    }
  }

  @inline(__always)
  private func sum(_ value: (Int) -> Float) -> Float {
    weight[0] * value(index[0]) + weight[1] * value(index[1]) + weight[2] * value(index[2])
      + weight[3] * value(index[3])
  }

  private static func weight(_ x: Double, _ a: Double) -> Double {
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }

  /// The picture of as many rows and columns as there are taps.
  static func enlarge(_ picture: Planes, rows: [CubicTaps], columns: [CubicTaps]) -> Planes {
    let result = Planes(width: columns.count, height: rows.count)
    let wide = FloatBuffer(result.width * picture.height)
    for channel in 0..<3 {
      let (source, target) = (picture.plane(channel), result.plane(channel))
      for row in 0..<picture.height {
        let line = source + row * picture.width
        for (x, tap) in columns.enumerated() {
          wide.pointer[row * result.width + x] = tap.sum { line[$0] }
        }
      }
      for (y, tap) in rows.enumerated() {
        for x in 0..<result.width {
          target[y * result.width + x] = tap.sum { wide.pointer[$0 * result.width + x] }
        }
      }
    }
    return result
  }
}
