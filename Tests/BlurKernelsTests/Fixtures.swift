import BlurKernels
import Foundation

/// SplitMix64, for test data only.
struct TestRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  mutating func kernel(side: Int) -> BlurKernel {
    BlurKernel(side: side, values: (0..<side * side).map { _ in .random(in: 0...1, using: &self) })
  }

  mutating func plane(_ count: Int) -> [Float] { (0..<count).map { _ in .random(in: 0...1, using: &self) } }
}

extension BlurKernel {
  /// One where asked, zero elsewhere.
  static func delta(side: Int, row: Int, column: Int) -> BlurKernel {
    BlurKernel(side: side, values: (0..<side * side).map { $0 == row * side + column ? 1 : 0 })
  }
}

func largestDifference<Number: BinaryFloatingPoint>(_ a: [Number], _ b: [Number]) -> Number {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
