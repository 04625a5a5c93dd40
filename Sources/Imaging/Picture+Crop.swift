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
    let kept: Samples =
      switch samples {
      case .bits8(let samples): .bits8(topLeft(of: samples, newWidth, newHeight))
      case .bits16(let samples): .bits16(topLeft(of: samples, newWidth, newHeight))
      }
    return Picture(
      width: newWidth, height: newHeight, samples: kept, isGrey: isGrey, orientation: orientation,
      iccProfile: iccProfile, notes: notes)
  }

  private func topLeft<Sample>(of samples: [Sample], _ newWidth: Int, _ newHeight: Int) -> [Sample] {
    (0..<newHeight).flatMap { row in samples[3 * row * width..<3 * (row * width + newWidth)] }
  }
}
