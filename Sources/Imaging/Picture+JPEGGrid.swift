import Foundation

extension Picture {
  /// Whether the picture was a JPEG before, however it is stored now and wherever it was cropped since: JPEG leaves hardly
  /// any of the highest frequencies in its blocks of 8x8, and edges between them. False where there are fewer than 64
  /// blocks to judge by.
  ///
  /// The mean logarithm of the highest frequencies is taken of the blocks that start at each of the 64 places of a grid;
  /// a JPEG's own place stands out below the median. On held-out photographs it does by 0.5 and more at qualities of up to
  /// 95, and no place of other pictures by more than 0.25 (`scripts/out-of-family` makes such pictures).
  public var showsJPEGGrid: Bool {
    switch samples {
    case .bits8(let samples): gridDepth(samples) > Self.leastGridDepth
    case .bits16(let samples): gridDepth(samples) > Self.leastGridDepth
    }
  }

  private static var leastGridDepth: Double { 0.4 }

  /// Of green, which is most of what JPEG stores at full resolution.
  private func gridDepth<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample]) -> Double {
    ChannelBlocks(samples: samples, width: width, height: height, channel: 1).gridDepth
  }
}

extension ChannelBlocks {
  /// By how much one place's blocks fall short of the median's at the highest frequencies, in natural logarithms.
  fileprivate var gridDepth: Double {
    let side = DCTBlock.side
    var sums = [Double](repeating: 0, count: side * side)
    var counts = [Int](repeating: 0, count: side * side)
    for row in stride(from: 0, through: height - side, by: blockDistance) {
      for column in stride(from: 0, through: width - side, by: blockDistance) {
        let high = block(at: row * width + column).highCoefficients
        let energy = (0..<DCTBlock.highCount).reduce(Float(0)) { $0 + high[$1] * high[$1] }
        let place = row % side * side + column % side
        // About half of what rounding to whole levels leaves.
        sums[place] += log(Double(energy) / Double(DCTBlock.highCount) + 0.05)
        counts[place] += 1
      }
    }
    guard let fewest = counts.min(), fewest >= 64 else { return 0 }
    let means = zip(sums, counts).map { $0 / Double($1) }.sorted()
    return means[means.count / 2] - means[0]
  }
}
