/// exp, log, sin and cos from IEEE additions and multiplications alone. The C library's differ in the last digit
/// between versions and processors, and machines that train together must draw the same kernels.
package enum Elementary {
  /// e^x within 2 units in the last place; 0 below -745.
  package static func exponential(_ x: Double) -> Double {
    guard x > -745.2 else { return x.isNaN ? x : 0 }
    guard x < 709.8 else { return .infinity }
    let power = (x * 1.4426950408889634).rounded()
    let rest = (x - power * 0x1.62e42feep-1) - power * 0x1.a39ef35793c76p-33
    return Double(
      sign: .plus, exponent: Int(power), significand: taylorSum(rest, from: 0, step: 1, terms: 14))
  }

  /// (sin x, cos x) within 1e-15 for angles of a few turns, in radians.
  package static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    let quarters = (x * 0.6366197723675814).rounded()
    let rest = (x - quarters * 0x1.921fb544p0) - quarters * 0x1.0b4611a626331p-34
    let sine = rest * taylorSum(-rest * rest, from: 1, step: 2, terms: 9)
    let cosine = taylorSum(-rest * rest, from: 0, step: 2, terms: 10)
    switch Int(quarters) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// The natural logarithm, within 1e-15 of its value or absolutely; minus infinity at 0, not a number below. From
  /// exponent and significand; the series of artanh converges fast on [1/sqrt 2, sqrt 2).
  package static func logarithm(_ x: Double) -> Double {
    guard x.isFinite, x > 0 else { return x == 0 ? -.infinity : x > 0 ? .infinity : .nan }
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 2.0.squareRoot() { (exponent, significand) = (exponent + 1, significand / 2) }
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    for k in stride(from: 31, through: 1, by: -2) { sum = sum * square + 1 / Double(k) }
    return exponent * 0.693147180559945309 + 2 * ratio * sum
  }

  /// The sum over n < terms of from! / (from + step n)! x^n, by Horner's rule: for step 1 the series of e^x,
  /// for step 2 and -x^2 those of cos x (from 0) and sin x / x (from 1).
  private static func taylorSum(_ x: Double, from: Int, step: Int, terms: Int) -> Double {
    var sum = 1.0
    for n in (1..<terms).reversed() {
      let top = from + step * n
      let ratio = step == 1 ? top : top * (top - 1)
      sum = 1 + sum * x / Double(ratio)
    }
    return sum
  }
}
