import Numerics

/// Blurs a picture by cross-correlation and reduces it, as `BlurKernel.degrade` does, with gradients by picture and
/// kernel:
///
///     out[y, x] = sum over a, b of kernel[a, b] * in[s y + a - side/2, s x + b - side/2]
package final class Blurring {
  /// How the picture continues beyond its border.
  package enum Border: Sendable {
    case circular
    /// Mirrored at the outermost pixels, which do not appear twice.
    case reflection
  }

  private let side: Int, scale: Int
  private let height: Int, width: Int
  private let unit: VectorUnit
  /// The row, and the column, of the picture at every place of the picture with its border.
  private let rows: [Int], columns: [Int]
  /// Columns of one phase of one row.
  private let length: Int
  /// (3, rows, scale, length): element j of phase p is column scale j + p of the picture with its border.
  private let phases: FloatBuffer

  /// - Parameters:
  ///   - side: the kernel's; odd.
  ///   - scale: every `scale`-th row and column is kept.
  ///   - height, width: of the blurred picture; the given one is `scale` times as large.
  package init(
    side: Int, scale: Int, height: Int, width: Int, border: Border, _ unit: VectorUnit
  ) {
    (self.side, self.scale, self.height, self.width, self.unit) = (side, scale, height, width, unit)
    func places(_ count: Int) -> [Int] {
      let whole = scale * count
      return (0..<scale * (count - 1) + side).map { place in
        let i = place - side / 2
        if border == .circular { return (i % whole + whole) % whole }
        let folded = abs(i) % (2 * whole - 2)
        return min(folded, 2 * whole - 2 - folded)
      }
    }
    (rows, columns) = (places(height), places(width))
    length = width + (side - 1) / scale
    phases = FloatBuffer(3 * rows.count * scale * length)
  }

  /// The blurred and reduced picture, (3, height, width).
  /// - Parameters:
  ///   - picture: (3, scale height, scale width).
  ///   - kernel: (side, side).
  package func forward(_ picture: Raster, _ kernel: UnsafePointer<Float>) -> Raster {
    for channel in 0..<3 {
      for (place, row) in rows.enumerated() {
        let source = picture.row(row, channel)
        for (x, column) in columns.enumerated() {
          phase(x % scale, row: place, channel: channel)[x / scale] = source[column]
        }
      }
    }
    let result = Raster(height: height, width: width)
    forEachTap(result) { target, under, tap in
      unit.loops.add_scaled(target, under, kernel[tap], width)
    }
    return result
  }

  /// The gradients of a loss by picture, (3, scale height, scale width), and kernel, (side, side).
  /// - Parameters:
  ///   - gradient: the loss's gradient by the result of the last `forward`.
  ///   - kernel: the kernel of that `forward`.
  package func backward(
    _ gradient: Raster, _ kernel: UnsafePointer<Float>
  ) -> (picture: Raster, kernel: FloatBuffer) {
    var sums = [Double](repeating: 0, count: side * side)
    forEachTap(gradient) { target, under, tap in
      sums[tap] += Double(unit.loops.dot(target, under, width))
    }
    let byKernel = FloatBuffer(sums.count)
    byKernel.load(sums.map(Float.init))
    phases.clear()
    forEachTap(gradient) { target, under, tap in
      unit.loops.add_scaled(under, target, kernel[tap], width)
    }
    let result = Raster(height: scale * height, width: scale * width)
    for channel in 0..<3 {
      for (place, row) in rows.enumerated() {
        let target = result.row(row, channel)
        for (x, column) in columns.enumerated() {
          target[column] += phase(x % scale, row: place, channel: channel)[x / scale]
        }
      }
    }
    return (result, byKernel)
  }

  private func phase(_ number: Int, row: Int, channel: Int) -> UnsafeMutablePointer<Float> {
    phases.pointer + ((channel * rows.count + row) * scale + number) * length
  }

  /// Calls `body` for every row of the blurred picture and every tap, with the row and the pixels under the tap.
  private func forEachTap(
    _ blurred: Raster,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, _ tap: Int) -> Void
  ) {
    for channel in 0..<3 {
      for y in 0..<height {
        let target = blurred.row(y, channel)
        for tap in 0..<side * side {
          let (a, b) = (tap / side, tap % side)
          body(target, phase(b % scale, row: scale * y + a, channel: channel) + b / scale, tap)
        }
      }
    }
  }
}
