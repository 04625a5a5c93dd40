/// Exponentials of four numbers at a time, from additions and multiplications alone, so that all machines agree.
enum FourExponentials {
  /// e^x within 4 units in the last place; x beyond +-700 counts as +-700.
  @inline(__always)
  static func exponential(_ x: SIMD4<Double>) -> SIMD4<Double> {
    let bounded = x.clamped(lowerBound: SIMD4(repeating: -700), upperBound: SIMD4(repeating: 700))
    // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the low bits.
    let whole = bounded * 1.4426950408889634 + 0x1.8p52
    let power = whole - 0x1.8p52
    let rest = (bounded - power * 0x1.62e42feep-1) - power * 0x1.a39ef35793c76p-33
    let bits = unsafeBitCast(whole, to: SIMD4<UInt64>.self) &<< 52
    return unsafeBitCast(unsafeBitCast(series(rest), to: SIMD4<UInt64>.self) &+ bits, to: SIMD4<Double>.self)
  }

  @inline(__always)
  static func hyperbolicTangent(_ x: SIMD4<Double>) -> SIMD4<Double> {
    1 - 2 / (exponential(x + x) + 1)
  }

  @inline(__always)
  static func sigmoid(_ x: SIMD4<Double>) -> SIMD4<Double> { 1 / (1 + exponential(-x)) }

  /// The Taylor series of e^x to x^12, for |x| < 0.35.
  @inline(__always)
  private static func series(_ x: SIMD4<Double>) -> SIMD4<Double> {
    var sum = x * (1 / 479_001_600.0) + 1 / 39_916_800.0
    sum = sum * x + 1 / 3_628_800.0
    sum = sum * x + 1 / 362_880.0
    sum = sum * x + 1 / 40_320.0
    sum = sum * x + 1 / 5_040.0
    sum = sum * x + 1 / 720.0
    sum = sum * x + 1 / 120.0
    sum = sum * x + 1 / 24.0
    sum = sum * x + 1 / 6.0
    sum = sum * x + 1 / 2.0
    sum = sum * x + 1
    return sum * x + 1
  }
}
