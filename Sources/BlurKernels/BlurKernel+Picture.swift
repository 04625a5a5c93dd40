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

  /// This kernel on the left and another of the same side on the right, on one scale of grey, a white line between.
  public func picture(beside other: BlurKernel, cell: Int = 24) -> Picture {
    let gap = 8
    let size = side * cell
    let width = 2 * size + gap
    let white = max(values.max() ?? 0, other.values.max() ?? 0)
    let pictures = [self, other].map { $0.picture(cell: cell, white: white) }
    let rgb = (0..<width * size * 3).map { index -> UInt8 in
      let (row, column) = (index / 3 / width, index / 3 % width)
      if (size..<size + gap).contains(column) { return 255 }
      let picture = column < size ? pictures[0] : pictures[1]
      return UInt8((picture[row, column < size ? column : column - size - gap, 0] * 255).rounded())
    }
    return Picture(width: width, height: size, samples: .bits8(rgb), isGrey: true)
  }
}
