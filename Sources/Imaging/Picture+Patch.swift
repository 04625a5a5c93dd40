extension Picture {
  /// Copies a rectangle for the networks, as Float in [0, 1] (stored / maximum). What lies outside the
  /// picture is read from its other side: the picture repeats in both directions.
  ///
  /// - Parameters:
  ///   - top: The rectangle's first row; like `left` it may be negative.
  ///   - planar: Receives (3, height, width) values.
  public func patch(
    top: Int, left: Int, height: Int, width: Int, into planar: UnsafeMutablePointer<Float>
  ) {
    let rows = (0..<height).map { Self.wrapped(top + $0, self.height) * self.width * 3 }
    let columns = (0..<width).map { Self.wrapped(left + $0, self.width) * 3 }
    switch samples {
    case .bits8(let samples): Self.gather(samples, rows, columns, into: planar)
    case .bits16(let samples): Self.gather(samples, rows, columns, into: planar)
    }
  }

  /// The picture repeated circularly to at least `side` rows and columns, the original at the top left.
  /// A picture that is large enough comes back as it is.
  public func padded(toAtLeast side: Int) -> Picture {
    if width >= side && height >= side { return self }
    let newWidth = max(width, side)
    let newHeight = max(height, side)
    let tiled: Samples =
      switch samples {
      case .bits8(let samples): .bits8(tile(samples, newWidth, newHeight))
      case .bits16(let samples): .bits16(tile(samples, newWidth, newHeight))
      }
    return Picture(
      width: newWidth, height: newHeight, samples: tiled, isGrey: isGrey, orientation: orientation,
      iccProfile: iccProfile, notes: notes)
  }

  /// - Parameters:
  ///   - rows: Where each row starts in `samples`.
  ///   - columns: Where each column's red lies in a row.
  private static func gather<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ rows: [Int], _ columns: [Int], into planar: UnsafeMutablePointer<Float>
  ) {
    let plane = rows.count * columns.count
    let maximum = Float(Sample.max)
    var target = planar
    for row in rows {
      for column in columns {
        let index = row + column
        target[0] = Float(samples[index]) / maximum
        target[plane] = Float(samples[index + 1]) / maximum
        target[2 * plane] = Float(samples[index + 2]) / maximum
        target += 1
      }
    }
  }

  private func tile<Sample>(_ samples: [Sample], _ newWidth: Int, _ newHeight: Int) -> [Sample] {
    var tiled: [Sample] = []
    tiled.reserveCapacity(3 * newWidth * newHeight)
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let index = (row % height * width + column % width) * 3
        tiled += samples[index..<(index + 3)]
      }
    }
    return tiled
  }

  private static func wrapped(_ position: Int, _ length: Int) -> Int {
    let remainder = position % length
    return remainder < 0 ? remainder + length : remainder
  }
}
