import BlurKernels
import Imaging
import Numerics

/// The strongest edge of a picture in each direction: the largest magnitude of the directional derivative of its grey
/// values. The values are stretched first, so that one in ten thousand is 0 and one in ten thousand is 1.
struct DirectionalEdges {
  /// The strongest edge at each multiple of pi / 6, from the x axis towards y.
  private let sampled: [Double]

  private static let sampledAngles = 6
  /// The number of angles in half a turn whose edges are interpolated.
  private static let interpolatedAngles = 30
  /// The share of grey values that are clipped at either end.
  private static let clipped = 0.0001

  /// Nil for a picture without edges.
  /// - Parameter check: called for each row, column and direction; what it throws ends the work.
  init?(of picture: Picture, check: () throws(EstimationError) -> Void) throws(EstimationError) {
    let size = picture.size
    guard let grey = Self.stretchedGrey(of: picture) else { return nil }
    let right = try Self.differentiated(
      grey, length: size.width, lines: size.height, step: 1, stride: size.width, check: check)
    let down = try Self.differentiated(
      grey, length: size.height, lines: size.width, step: size.width, stride: 1, check: check)
    sampled = try (0..<Self.sampledAngles).map { (index) throws(EstimationError) in
      try check()
      let (sine, cosine) = Elementary.sineAndCosine(Double(index) * .pi / Double(Self.sampledAngles))
      var largest = 0.0
      for pixel in right.indices {
        largest = max(largest, abs(cosine * Double(right[pixel]) + sine * Double(down[pixel])))
      }
      return largest
    }
    guard sampled.contains(where: { $0 > 0 }) else { return nil }
  }

  /// The angle, in radians, whose strongest edge is weakest: the blur is widest along it.
  var weakest: (angle: Double, edge: Double) {
    let all = (0..<Self.interpolatedAngles).map { index in
      let angle = Double(index) * .pi / Double(Self.interpolatedAngles)
      return (angle: angle, edge: edge(at: angle))
    }
    return all.min { $0.edge < $1.edge } ?? (0, sampled[0])
  }

  /// The strongest edge at an angle in radians, interpolated between the sampled angles by Keys' cubic convolution,
  /// with period pi.
  func edge(at angle: Double) -> Double {
    let position = angle / .pi * Double(Self.sampledAngles)
    let first = Int(position.rounded(.down))
    let t = position - Double(first)
    let weights = [
      ((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t,
      (0.5 * t - 0.5) * t * t,
    ]
    return weights.enumerated().reduce(0) { sum, weight in
      let index = (first - 1 + weight.offset + 2 * Self.sampledAngles) % Self.sampledAngles
      return sum + weight.element * sampled[index]
    }
  }

  /// (height, width): the mean of the channels, stretched to [0, 1]. Nil where all values are the same.
  private static func stretchedGrey(of picture: Picture) -> [Float]? {
    let sums: [Int]
    switch picture.samples {
    case .bits8(let samples): sums = Self.sums(samples)
    case .bits16(let samples): sums = Self.sums(samples)
    }
    var counts = [Int](repeating: 0, count: 3 * picture.maximum + 1)
    for sum in sums { counts[sum] += 1 }
    let (low, high) = (quantile(counts, clipped), quantile(counts, 1 - clipped))
    guard high > low else { return nil }
    return sums.map { Float(min(max((Double($0) - low) / (high - low), 0), 1)) }
  }

  private static func sums<Sample: FixedWidthInteger>(_ samples: [Sample]) -> [Int] {
    stride(from: 0, to: samples.count, by: 3).map {
      Int(samples[$0]) + Int(samples[$0 + 1]) + Int(samples[$0 + 2])
    }
  }

  /// The value below which the share of all lies, interpolated between two; `counts` says how often each value is there.
  private static func quantile(_ counts: [Int], _ share: Double) -> Double {
    let position = share * Double(counts.reduce(0, +) - 1)
    let index = Int(position)
    let (one, other) = (value(counts, at: index), value(counts, at: index + 1))
    return one + (position - Double(index)) * (other - one)
  }

  /// The value at an index of the sorted values; the largest beyond them.
  private static func value(_ counts: [Int], at index: Int) -> Double {
    var seen = 0
    for (value, count) in counts.enumerated() {
      seen += count
      if seen > index { return Double(value) }
    }
    return Double(counts.lastIndex { $0 > 0 } ?? 0)
  }
}

// MARK: The derivative

extension DirectionalEdges {
  /// The derivative of band-limited values, (-1)^k / k, as the published program takes it by a Fourier transform, here under
  /// a Hann window of 2 x 16 + 1 taps: `taps[k]` weighs the difference of the values k + 1 before and after.
  private static let taps: [Float] = (1...reach).map { k in
    let window = 0.5 + 0.5 * Elementary.sineAndCosine(.pi * Double(k) / Double(reach + 1)).cosine
    return Float((k.isMultiple(of: 2) ? -1 : 1) / Double(k) * window)
  }
  private static let reach = 16

  /// The derivative along each of `lines` lines of `length` values that lie `step` apart; the first values of the lines lie
  /// `stride` apart. Beyond its ends a line is mirrored, so that no edge arises there.
  private static func differentiated(
    _ values: [Float], length: Int, lines: Int, step: Int, stride: Int,
    check: () throws(EstimationError) -> Void
  ) throws(EstimationError) -> [Float] {
    var result = [Float](repeating: 0, count: values.count)
    var line = [Float](repeating: 0, count: length + 2 * reach)
    let sources = line.indices.map { mirrored($0 - reach, length) * step }
    for start in Swift.stride(from: 0, to: lines * stride, by: stride) {
      try check()
      for index in line.indices { line[index] = values[start + sources[index]] }
      for index in 0..<length {
        var sum: Float = 0
        for (k, tap) in taps.enumerated() {
          sum += tap * (line[index + reach + k + 1] - line[index + reach - k - 1])
        }
        result[start + index * step] = sum
      }
    }
    return result
  }

  /// An index brought into 0..<count by reflection at the outer edges of the first and last value.
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    let folded = (index % (2 * count) + 2 * count) % (2 * count)
    return min(folded, 2 * count - 1 - folded)
  }
}
