/// Keeps of a gradient measure only what lies between its 97 % quantile and the next larger rank, so that
/// all strong edges count alike and weak ones not at all.
struct GradientClip {
  /// Sum of the clipped values.
  private(set) var sum = 0.0
  private let low: Double
  private let high: Double

  /// - Parameter tieWidth: The distance kept where both ranks hold the same value.
  init(_ values: [Int32], tieWidth: Double) {
    let (low, high) = consecutiveRanks(of: values, at: Int(0.97 * Double(values.count)))
    self.low = Double(low)
    self.high = low == high ? Double(low) + tieWidth : Double(high)
    sum = values.reduce(0) { $0 + self($1) }
  }

  func callAsFunction(_ value: Int32) -> Double {
    min(max(Double(value), low), high) - low
  }
}

/// The values at `rank` and `rank + 1` of the ascending order, from histograms in place of a sort.
/// - Parameters:
///   - values: At least 0 and below 2^28.
///   - rank: From 0, at most `values.count - 2`.
package func consecutiveRanks(of values: [Int32], at rank: Int) -> (Int32, Int32) {
  let bits: Int32 = 14
  var counts = [Int](repeating: 0, count: 1 << bits)
  for value in values { counts[Int(value >> bits)] += 1 }
  let (upper, within) = bin(holding: rank, in: counts)

  counts = [Int](repeating: 0, count: 1 << bits)
  for value in values where value >> bits == upper { counts[Int(value & (1 << bits - 1))] += 1 }
  let low = upper << bits | bin(holding: within, in: counts).index

  var countToLow = 0
  var next = Int32.max
  for value in values {
    countToLow += value <= low ? 1 : 0
    next = min(next, value > low ? value : Int32.max)
  }
  return (low, countToLow > rank + 1 ? low : next)
}

/// The bin of a histogram that holds a rank, and the rank within it.
private func bin(holding rank: Int, in counts: [Int]) -> (index: Int32, within: Int) {
  var within = rank
  var index = 0
  while within >= counts[index] {
    within -= counts[index]
    index += 1
  }
  return (Int32(index), within)
}
