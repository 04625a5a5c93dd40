/// One channel of a picture, cut into blocks of 8x8.
struct ChannelBlocks<Sample: FixedWidthInteger & UnsignedInteger> {
  /// (height, width, 3)
  let samples: [Sample]
  let width, height, channel: Int
  /// What makes levels of 255 out of samples.
  private var scale: Float { 255 / Float(Sample.max) }

  /// That are looked at.
  private var mostBlocks: Int { 1 << 16 }

  /// Odd, so that blocks start at every place of the 8x8 grid that a JPEG leaves behind.
  var blockDistance: Int {
    var distance = 1
    while width * height > distance * distance * mostBlocks { distance += 2 }
    return distance
  }

  /// (rows, width)
  func levels(rows: Range<Int>) -> [Float] {
    samples.withUnsafeBufferPointer { samples in
      (rows.lowerBound * width..<rows.upperBound * width).map { Float(samples[3 * $0 + channel]) * scale }
    }
  }

  @inline(__always)
  func block(at corner: Int) -> DCTBlock {
    DCTBlock { row in line(corner + row * width, channel) }
  }

  /// The block of luminance, as JPEG has it.
  func luminanceBlock(at corner: Int) -> DCTBlock {
    DCTBlock { row in
      let start = corner + row * width
      return Luminance.of(line(start, 0), line(start, 1), line(start, 2))
    }
  }

  /// Eight levels in a row.
  @inline(__always)
  private func line(_ pixel: Int, _ channel: Int) -> SIMD8<Float> {
    let start = 3 * pixel + channel
    var line = SIMD8<Float>.zero
    for column in 0..<8 { line[column] = Float(samples[start + 3 * column]) }
    return line * scale
  }
}
