extension Picture {
  /// The picture as it is to be looked at: its pixels turned and mirrored as its EXIF orientation asks (EXIF 2.32, tag
  /// 0x0112), with no orientation left to apply, in its EXIF data either. Sides 5...8 exchange width and height.
  public func upright() -> Picture { upright(check: {}) }

  /// As `upright()`.
  /// - Parameter check: called before each row; what it throws ends the work.
  public func upright<Stop: Error>(check: () throws(Stop) -> Void) throws(Stop) -> Picture {
    guard let orientation, orientation != 1 else { return self }
    return try Interrupted.replacing(check) { (check) throws(Interrupted) in
      try upright(orientation, check: check)
    }
  }

  private func upright(
    _ orientation: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> Picture {
    func turned(_ samples: Samples, _ channels: Int) throws(Interrupted) -> Samples {
      switch samples {
      case .bits8(let samples):
        .bits8(try upright(samples, channels: channels, orientation, check: check))
      case .bits16(let samples):
        .bits16(try upright(samples, channels: channels, orientation, check: check))
      }
    }
    let (width, height) = orientation < 5 ? (width, height) : (height, width)
    return Picture(
      width: width, height: height, samples: try turned(samples, 3), isGrey: isGrey,
      transparency: try transparency?.rearranged(turned), metadata: metadata.withOrientationReset,
      notes: notes)
  }

  private func upright<Sample>(
    _ samples: [Sample], channels: Int, _ orientation: Int, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    let isTransposed = orientation >= 5
    let fromRight = [2, 3, 7, 8].contains(orientation)
    let fromBelow = [3, 4, 6, 7].contains(orientation)
    var turned: [Sample] = []
    turned.reserveCapacity(samples.count)
    for row in 0..<(isTransposed ? width : height) {
      try check()
      for column in 0..<(isTransposed ? height : width) {
        let (y, x) = isTransposed ? (column, row) : (row, column)
        let source = channels * ((fromBelow ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x))
        turned += samples[source..<source + channels]
      }
    }
    return turned
  }
}
