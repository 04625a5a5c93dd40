extension Picture {
  /// The standard deviation of the picture's noise in levels of 255, estimated from the picture alone; 0 where it shows
  /// none, and where a side is shorter than 8 pixels.
  ///
  /// After Ponomarenko, Lukin, Zriakhov, Kaarna and Astola, "An automatic approach to lossy compression of AVIRIS
  /// images", IGARSS 2007: those 8x8 blocks are kept that vary least at low frequencies, and what they still hold
  /// at the highest ones is noise. Of white noise the two are independent, so that choosing by one leaves the other
  /// as it was. Here: the flattest 0.5 % of the blocks (at least 128), the ten coefficients of the DCT with
  /// i + j >= 11, the median of their variances, the mean over the channels, less the 1/12 that rounding to whole
  /// levels adds.
  ///
  /// Noise is seen whether channels share it or not. What smoothed it afterwards, such as strong JPEG compression or
  /// enlargement, hides it. At most 65,536 blocks a channel are looked at, which takes about 0.1 s at most. The same
  /// picture gives the same figure.
  public func noiseLevel() -> Double {
    let variance =
      switch samples {
      case .bits8(let samples): meanVariance(samples, scale: 1)
      case .bits16(let samples): meanVariance(samples, scale: 255 / 65535)
      }
    let step = 255 / Double(maximum)
    return max(variance - step * step / 12, 0).squareRoot()
  }

  private func meanVariance<Sample: FixedWidthInteger>(_ samples: [Sample], scale: Float) -> Double {
    let variances = (0..<3).map { channel in
      ChannelNoise(samples: samples, width: width, height: height, channel: channel, scale: scale).variance
    }
    return variances.reduce(0, +) / 3
  }
}

/// One channel of a picture, cut into blocks.
private struct ChannelNoise<Sample: FixedWidthInteger> {
  /// (height, width, 3)
  let samples: [Sample]
  let width, height, channel: Int
  /// What makes levels of 255 out of samples.
  let scale: Float

  private var mostBlocks: Int { 1 << 16 }
  private var leastKept: Int { 128 }

  /// Of the noise, in squared levels.
  var variance: Double {
    let flattest = flattestBlocks()
    if flattest.isEmpty { return 0 }
    var squares = [Double](repeating: 0, count: DCTBlock.highCount)
    for corner in flattest {
      let high = block(at: corner).highCoefficients
      for index in squares.indices { squares[index] += Double(high[index] * high[index]) }
    }
    squares.sort()
    let middle = (squares[squares.count / 2 - 1] + squares[squares.count / 2]) / 2
    return middle / Double(flattest.count)
  }

  /// Top left pixels of the blocks with the least energy at low frequencies. Blocks that touch black or white are left
  /// out, since noise is cut off there, unless hardly any others are to be had.
  private func flattestBlocks() -> [Int] {
    var whole: [(energy: Float, corner: Int)] = []
    var clipped = whole
    let step = blockDistance
    for row in stride(from: 0, through: height - DCTBlock.side, by: step) {
      for corner in stride(from: row * width, through: (row + 1) * width - DCTBlock.side, by: step) {
        let block = block(at: corner)
        if block.isClipped {
          clipped.append((block.lowEnergy, corner))
        } else {
          whole.append((block.lowEnergy, corner))
        }
      }
    }
    var blocks = whole.count >= leastKept ? whole : whole + clipped
    blocks.sort { ($0.energy, $0.corner) < ($1.energy, $1.corner) }
    return blocks.prefix(max(blocks.count / 200, leastKept)).map(\.corner)
  }

  /// Odd, so that blocks start at every place of the 8x8 grid that a JPEG leaves behind.
  private var blockDistance: Int {
    var distance = 1
    while width * height > distance * distance * mostBlocks { distance += 2 }
    return distance
  }

  @inline(__always)
  private func block(at corner: Int) -> DCTBlock {
    DCTBlock { row in
      let start = 3 * (corner + row * width) + channel
      var line = SIMD8<Float>.zero
      for column in 0..<8 { line[column] = Float(samples[start + 3 * column]) }
      return line * scale
    }
  }
}
