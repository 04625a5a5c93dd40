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
    let area = Rectangle(top: top, left: left, height: height, width: width)
    switch samples {
    case .bits8(let samples): gather(samples, area, into: planar) { Self.shares[Int($0)] }
    case .bits16(let samples): gather(samples, area, into: planar) { Float($0) / 65535 }
    }
  }

  /// The picture repeated circularly to at least `side` rows and columns, the original at the top left.
  /// A picture that is large enough comes back as it is.
  public func padded(toAtLeast side: Int) -> Picture {
    if width >= side && height >= side { return self }
    let newWidth = max(width, side)
    let newHeight = max(height, side)
    func tiled(_ samples: Samples, _ channels: Int) -> Samples {
      switch samples {
      case .bits8(let samples): .bits8(tile(samples, channels: channels, width: newWidth, height: newHeight))
      case .bits16(let samples):
        .bits16(tile(samples, channels: channels, width: newWidth, height: newHeight))
      }
    }
    return Picture(
      like: self, width: newWidth, height: newHeight, samples: tiled(samples, 3),
      transparency: transparency?.rearranged(tiled))
  }

  /// What each 8-bit sample is of the maximum.
  private static let shares = (0...255).map { Float($0) / 255 }

  private struct Rectangle {
    let top, left, height, width: Int
  }

  @inline(__always)
  private func gather<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ area: Rectangle, into planar: UnsafeMutablePointer<Float>, share: (Sample) -> Float
  ) {
    let plane = area.height * area.width
    var target = planar
    var row = Self.wrapped(area.top, height)
    for _ in 0..<area.height {
      var column = Self.wrapped(area.left, width)
      for _ in 0..<area.width {
        let index = (row * width + column) * 3
        for channel in 0..<3 { target[channel * plane] = share(samples[index + channel]) }
        target += 1
        column = column + 1 == width ? 0 : column + 1
      }
      row = row + 1 == height ? 0 : row + 1
    }
  }

  private func tile<Sample>(
    _ samples: [Sample], channels: Int, width newWidth: Int, height newHeight: Int
  ) -> [Sample] {
    var tiled: [Sample] = []
    tiled.reserveCapacity(channels * newWidth * newHeight)
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let index = (row % height * width + column % width) * channels
        tiled += samples[index..<(index + channels)]
      }
    }
    return tiled
  }

  private static func wrapped(_ position: Int, _ length: Int) -> Int {
    let remainder = position % length
    return remainder < 0 ? remainder + length : remainder
  }
}
