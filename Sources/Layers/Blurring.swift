import Numerics

/// A picture blurred by cross-correlation and reduced, as `BlurKernel.degrade` does it, with gradients by picture and kernel:
///
///     out[y, x] = sum over a, b of kernel[a, b] * in[s y + a - side/2, s x + b - side/2]
package final class Blurring {
  /// What lies beyond the picture's border.
  package enum Border: Sendable {
    case circular
    /// Mirrored at the outermost pixels, which do not appear twice.
    case reflection
  }

  private let side: Int, scale: Int
  private let height: Int, width: Int
  private let unit: VectorUnit
  /// The picture's row, and column, at every place of the picture with its border.
  private let rows: [Int], columns: [Int]
  /// Columns of one phase of one row.
  private let length: Int
  /// (3, rows, scale, length): element j of phase p is column scale j + p of the picture with its border.
  private let phases: FloatBuffer

  /// - Parameters:
  ///   - side: the kernel's; odd.
  ///   - height: of the blurred picture; the given one is `scale` times as large.
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

  /// - Parameter kernel: (side, side).
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

  /// The gradients by picture and kernel, after `forward` of the same two.
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

  /// Every row of the blurred picture with what lies under each tap of it.
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
