public import BlurKernels

/// A picture's kernel as its spectrum tells it, before any adaptation, and how far to trust it.
public struct Prediction: Sendable {
  /// 11x11, of scale 2: a Gaussian drawn as the paper draws them.
  public let kernel: BlurKernel
  public let spread: KernelSpread
}

/// How far an estimated kernel may be off.
public struct KernelSpread: Sendable, Equatable {
  /// In nine pictures of ten, LK-COV to the true kernel of scale 2 stays under this, in square pixels.
  public let covarianceBound: Double
  /// In half of all pictures, the root of the sum of squared differences to the true kernel stays under this.
  public let typicalDifference: Double
  /// What the user should know about the picture, one sentence each; empty where there is nothing to say.
  public let doubts: [String]

  package init(covarianceBound: Double, typicalDifference: Double, doubts: [String]) {
    (self.covarianceBound, self.typicalDifference) = (covarianceBound, typicalDifference)
    self.doubts = doubts
  }

  /// A kernel is called confident if its bound is under this. Of those kernels, nine in ten are within their bound even
  /// on pictures unlike the training's (docs/decisions.md).
  public static let confidentBound = 1.5

  public var isConfident: Bool { covarianceBound < Self.confidentBound && doubts.isEmpty }

  /// The image noise, in 8-bit levels, that an enlarging that trusts its kernel should be given for the kernel's
  /// uncertainty: a wrong kernel's errors come out like amplified noise.
  ///
  /// - Parameter isRefined: whether what the kernel has beyond a Gaussian was looked for, which is most of the difference
  ///   expected of certain pictures.
  public func equivalentNoise(isRefined: Bool) -> Double {
    let harmless = isRefined ? Self.harmlessDifferenceRefined : Self.harmlessDifference
    return min(max(Self.noisePerDifference * (typicalDifference - harmless), 0.5), Self.unknownNoise)
  }

  /// The same for kernels without a spread, such as the paper's.
  public static let unknownNoise = 3.0
  private static let noisePerDifference = 120.0, harmlessDifference = 0.01
  private static let harmlessDifferenceRefined = 0.03
}
