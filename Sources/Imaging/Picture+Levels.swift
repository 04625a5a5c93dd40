extension Picture {
  /// As much noise as enlarging networks are trained for; a picture of few levels is never said to have more.
  static let mostCoarseNoise = 25.0

  /// The distance between the levels of a picture that has only few of them, in levels of 255: of 1, 2 or 4 bits a sample,
  /// or of a small palette. Nil for ordinary pictures.
  ///
  /// A channel of n different values from a to b has levels (b - a) / (n - 1) apart on average; from 8 on (fewer than six
  /// bits) they are coarse. Every channel must be coarse or constant. The distance is that of the two nearest levels, and
  /// the root mean square over the channels: rounding to levels d apart adds an error of d / sqrt(12). Pictures of fewer than four pixels a value are
  /// too small to have many values and are not judged.
  var coarseStep: Double? {
    switch samples {
    case .bits8(let samples): Self.coarseStep(samples)
    case .bits16(let samples): Self.coarseStep(samples)
    }
  }

  private static func coarseStep<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample]) -> Double?
  {
    var squares: [Double] = []
    for channel in 0..<3 {
      guard let step = LevelCount(samples, channel: channel).coarseStep else { return nil }
      if step > 0 { squares.append(step * step) }
    }
    if squares.isEmpty { return nil }
    return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }
}

/// The different values of a channel, counted until there are too many.
private struct LevelCount<Sample: FixedWidthInteger & UnsignedInteger> {
  /// The least mean distance of values in a picture of few levels, in levels of 255.
  private static var leastStep: Double { 8 }
  /// Levels of at least that distance that fit into 0...255.
  private static var mostValues: Int { 32 }

  /// The least distance of the values in levels of 255; 0 for a constant channel, nil for an ordinary one.
  let coarseStep: Double?

  init(_ samples: [Sample], channel: Int) {
    var isSeen = [Bool](repeating: false, count: Int(Sample.max) + 1)
    var values: [Sample] = []
    for index in stride(from: channel, to: samples.count, by: 3) where !isSeen[Int(samples[index])] {
      isSeen[Int(samples[index])] = true
      values.append(samples[index])
      if values.count > Self.mostValues { break }
    }
    values.sort()
    guard values.count <= Self.mostValues, let least = values.first, let most = values.last, least < most
    else {
      coarseStep = values.count == 1 ? 0 : nil
      return
    }
    let unit = 255 / Double(Sample.max)
    let mean = Double(most - least) * unit / Double(values.count - 1)
    let isLarge = samples.count / 3 >= 4 * values.count
    let nearest = zip(values.dropFirst(), values).map { $0 - $1 }.min() ?? 0
    coarseStep = mean >= Self.leastStep && isLarge ? Double(nearest) * unit : nil
  }
}
