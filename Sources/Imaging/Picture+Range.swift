extension Picture {
  /// The largest e for which every sample times 2^e still fits the picture's 16 bits: 4 for 12-bit data in a 16-bit file.
  /// It is 0 for every 8-bit picture, and for a 16-bit picture that uses more than half of its range.
  public var rangeExponent: Int {
    guard case .bits16(let samples) = samples, let largest = samples.max(), largest > 0 else { return 0 }
    return largest.leadingZeroBitCount
  }

  /// The picture with its samples times 2^`rangeExponent`, which loses nothing. Cameras and microscopes write 10 to 14
  /// bits into 16-bit files without scaling them; statistics with absolute floors, such as spectra and noise levels in
  /// levels of 255, need such data at full contrast. A picture that uses its range comes back as it is.
  public func expandedRange() -> Picture {
    let exponent = rangeExponent
    guard exponent > 0, case .bits16(let samples) = samples else { return self }
    return Picture(
      like: self, width: width, height: height, samples: .bits16(samples.map { $0 << UInt16(exponent) }))
  }

  /// What the user should know about a picture that leaves much of its range unused, in one sentence; nil for others.
  public var rangeNote: String? {
    let exponent = rangeExponent
    guard exponent > 0 else { return nil }
    let share = "1/\(1 << exponent)"
    return "the picture uses \(share) of its 16-bit range at most; its kernel is estimated at full contrast"
  }

  /// The step between two levels that samples of `expandedRange()` may have, in shares of the brightest value: 1/255 for
  /// 8 bits, about 1/4095 for 12-bit data in a 16-bit file wherever in it they lie, 1 for a 1-bit scan.
  public var levelStep: Double {
    let step =
      switch samples {
      case .bits8(let samples): Self.commonDivisor(samples)
      case .bits16(let samples): Self.commonDivisor(samples)
      }
    return Double(max(step, 1) << rangeExponent) / Double(maximum)
  }

  /// The largest number that divides every sample; 0 for a black picture.
  private static func commonDivisor(_ samples: [some FixedWidthInteger]) -> Int {
    var divisor = 0
    for sample in samples {
      var rest = Int(sample)
      while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
      if divisor == 1 { break }
    }
    return divisor
  }
}
