/// How much noise a picture is taken to have when it is enlarged, as a standard deviation in 8-bit levels.
public enum NoiseChoice: Sendable, Equatable {
  /// Estimated from the picture, and more where its kernel is uncertain.
  case estimated
  /// From 0 to 255.
  case level(Double)
}

/// The one place where the noise level given to the enlarger is decided.
public enum NoiseRule {
  /// - Parameters:
  ///   - measured: what the picture's own noise counts for (`EnlargingNoise.level`).
  ///   - kernelNoise: what the kernel's uncertainty counts for (`FoundKernel.equivalentNoise`).
  public static func level(_ choice: NoiseChoice, measured: Double, kernelNoise: Double) -> Double {
    switch choice {
    case .estimated: combined(picture: measured, kernel: kernelNoise)
    case .level(let level): level
    }
  }

  /// The larger of both: an error in the kernel comes out like amplified noise, and a level that allows for the one allows
  /// for the other as well.
  public static func combined(picture: Double, kernel: Double) -> Double { max(picture, kernel) }
}
