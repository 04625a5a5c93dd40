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
  /// A sensor's noise is stronger where the picture is bright, and the flattest blocks are mostly dark. So a channel's
  /// blocks are divided into a darkest, a second, a third and a brightest quarter, and the quarters' variances averaged.
  ///
  /// In a picture of few levels, such as a scan of 1 bit a pixel, edges between two levels look like strong noise. There the
  /// level is at most what rounding to such levels explains (`coarseStep`), and at most 25.
  ///
  /// Noise is seen whether channels share it or not. What smoothed it afterwards, such as enlargement, hides it. What JPEG
  /// does to a picture is no such noise, and counts as at least `JPEGTrace.equivalentNoise`. At most 65,536 blocks a channel
  /// are looked at, which takes about 0.1 s at most. The same picture gives the same figure.
  public func noiseLevel() -> Double {
    let variance =
      switch samples {
      case .bits8(let samples): meanVariance(samples)
      case .bits16(let samples): meanVariance(samples)
      }
    let step = 255 / Double(maximum)
    let level = max(variance - step * step / 12, 0).squareRoot()
    if let coarseStep { return min(level, coarseStep / 12.0.squareRoot(), Self.mostCoarseNoise) }
    return max(level, jpegTrace?.equivalentNoise ?? 0)
  }

  private func meanVariance<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample]) -> Double {
    let variances = (0..<3).map { channel in
      ChannelBlocks(samples: samples, width: width, height: height, channel: channel).noiseVariance
    }
    return variances.reduce(0, +) / 3
  }
}

extension ChannelBlocks {
  private var leastKept: Int { 128 }
  /// Parts of the blocks by brightness.
  private var parts: Int { 4 }

  /// Of the noise, in squared levels.
  fileprivate var noiseVariance: Double {
    var blocks = usableBlocks()
    blocks.sort { ($0.mean, $0.corner) < ($1.mean, $1.corner) }
    let sum = (0..<parts).reduce(0.0) { sum, part in
      sum + variance(of: blocks[blocks.count * part / parts..<blocks.count * (part + 1) / parts])
    }
    return sum / Double(parts)
  }

  private typealias Place = (mean: Float, energy: Float, corner: Int)

  /// Of the noise in the flattest of them.
  private func variance(of blocks: ArraySlice<Place>) -> Double {
    let flattest = blocks.sorted { ($0.energy, $0.corner) < ($1.energy, $1.corner) }
      .prefix(max(blocks.count / 200, leastKept / parts)).map(\.corner)
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

  /// Blocks that touch black or white are left out, since noise is cut off there, unless hardly any others are to be had.
  private func usableBlocks() -> [Place] {
    var whole: [Place] = []
    var clipped = whole
    let step = blockDistance
    for row in stride(from: 0, through: height - DCTBlock.side, by: step) {
      for corner in stride(from: row * width, through: (row + 1) * width - DCTBlock.side, by: step) {
        let block = block(at: corner)
        let place = (block.mean, block.lowEnergy, corner)
        if block.isClipped { clipped.append(place) } else { whole.append(place) }
      }
    }
    return whole.count >= leastKept ? whole : whole + clipped
  }
}
