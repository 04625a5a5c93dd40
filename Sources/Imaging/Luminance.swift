/// The weighing of colours (Rec. 601; JFIF).
package enum Luminance {
  @inlinable
  package static func of(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    0.299 * red + 0.587 * green + 0.114 * blue
  }

  static func of(_ red: SIMD8<Float>, _ green: SIMD8<Float>, _ blue: SIMD8<Float>) -> SIMD8<Float> {
    0.299 * red + 0.587 * green + 0.114 * blue
  }
}
