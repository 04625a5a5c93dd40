extension Picture {
  /// The top left part whose sides are the largest multiples of `scale`, as benchmarks crop the true picture before they
  /// shrink it or compare with it. A side shorter than `scale` stays as it is.
  public func cropped(toMultipleOf scale: Int) -> Picture {
    precondition(scale > 0, "a multiple of \(scale)")
    func multiple(_ side: Int) -> Int { side < scale ? side : side / scale * scale }
    return cropped(width: multiple(width), height: multiple(height))
  }

  private func cropped(width newWidth: Int, height newHeight: Int) -> Picture {
    if newWidth == width && newHeight == height { return self }
    func kept(_ samples: Samples, _ channels: Int) -> Samples {
      switch samples {
      case .bits8(let samples):
        .bits8(topLeft(of: samples, channels: channels, width: newWidth, height: newHeight))
      case .bits16(let samples):
        .bits16(topLeft(of: samples, channels: channels, width: newWidth, height: newHeight))
      }
    }
    return Picture(
      like: self, width: newWidth, height: newHeight, samples: kept(samples, 3),
      transparency: transparency?.rearranged(kept))
  }

  private func topLeft<Sample>(
    of samples: [Sample], channels: Int, width newWidth: Int, height newHeight: Int
  ) -> [Sample] {
    (0..<newHeight).flatMap { row in samples[channels * row * width..<channels * (row * width + newWidth)] }
  }
}
