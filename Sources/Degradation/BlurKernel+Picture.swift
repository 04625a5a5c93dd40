public import Imaging

extension BlurKernel {
  /// The kernel enlarged for people to look at: one grey square of `cell` pixels a value, black for zero and below,
  /// white for the largest value (or for `white`, so that several kernels can share one scale).
  public func picture(cell: Int, white: Double? = nil) -> Picture {
    let size = side * cell
    let brightest = max(white ?? values.max() ?? 0, .leastNormalMagnitude)
    var rgb = [UInt8](repeating: 0, count: 3 * size * size)
    for pixel in 0..<size * size {
      let value = self[pixel / size / cell, pixel % size / cell]
      let level = UInt8((min(max(value / brightest, 0), 1) * 255).rounded())
      for channel in 0..<3 { rgb[3 * pixel + channel] = level }
    }
    return Picture(width: size, height: size, samples: .bits8(rgb), isGrey: true)
  }
}
