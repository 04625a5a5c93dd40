import Foundation

/// What a picture's noise and finest detail look like beyond their strength, from the discrete cosine transforms of its
/// blocks of 8x8 pixels. White noise, the noise that a camera's processing left, and a print's screen differ here where
/// `noiseLevel` sees one number or nothing. Levels are of 255.
public struct NoiseSpectrum: Sendable, Equatable {
  /// The second percentile over blocks of the root mean square of luma's coefficients (i, j), by frequency i + j: what is
  /// left where the picture is flattest.
  public struct Floor: Sendable, Equatable {
    /// Frequencies 2 and 3, 4 and 5, 6 and 7, 12 to 14.
    public var low, middle, upper, high: Double

    public init(low: Double, middle: Double, upper: Double, high: Double) {
      (self.low, self.middle, self.upper, self.high) = (low, middle, upper, high)
    }
  }

  public var floor: Floor
  /// Logarithm of the mean power at frequencies 11 to 14 over that at 4 to 7, of luma.
  public var lumaSlope: Double
  /// The same of the differences of red and blue to green. A lens blurs colours as it blurs luma, so that pictures as
  /// they should be lie below -2.5; what demosaicking makes up lies above. Grey pictures have none.
  public var chromaSlope: Double?
  /// The root of the largest eigenvalue of the noise's covariance over the channels, in shares of the root of their mean
  /// variance: 1 for independent channels, the root of 3 where they are equal.
  public var sharing: Double

  public init(floor: Floor, lumaSlope: Double, chromaSlope: Double?, sharing: Double) {
    (self.floor, self.lumaSlope) = (floor, lumaSlope)
    (self.chromaSlope, self.sharing) = (chromaSlope, sharing)
  }
}

extension NoiseSpectrum {
  /// How clearly the picture went through a camera's demosaicking and denoising, 0 to 1. Either its colours are finer than
  /// a lens lets through, or its floor is high and falls slowly up to the upper frequencies; and its noise is not white.
  /// JPEG usually makes colours coarse, so that luma must tell there as well. Chosen on held-out photographs (docs/evaluation.md).
  public func processing(wasJPEG: Bool) -> Double {
    let strong = Self.ramp(floor.upper, 2.5...4) * Self.ramp(floor.middle / max(floor.low, 0.01), 0.5...0.65)
    // Drawings have sharp colours without any noise, which no camera's pictures are without.
    let noise = Self.ramp(floor.upper, 0.1...0.3)
    let colours = chromaSlope.map { Self.ramp($0, -2.6 ... -1.8) * noise * (1 - whiteness) } ?? 0
    let luma = wasJPEG ? Self.ramp(lumaSlope, -3.6 ... -2.9) * Self.ramp(floor.upper, 0.9...1.5) : 0
    return max(colours, luma, strong * (1 - whiteness))
  }

  /// How clearly a fine pattern such as a print's screen covers the picture, 0 to 1: where it is flattest, middle frequencies
  /// hold as much as low ones, which neither detail nor a camera's noise does.
  public var pattern: Double {
    Self.ramp(floor.middle / max(floor.low, 0.01), 0.9...1.05) * Self.ramp(floor.middle, 4...6)
      * (1 - whiteness)
  }

  /// How clearly the floor is white noise, 0 to 1: that has 0.55 times as much at the highest frequencies as at the upper
  /// ones, what a camera's processing leaves 0.3 times.
  private var whiteness: Double { Self.ramp(floor.high / max(floor.upper, 0.01), 0.32...0.42) }

  /// From 0 at the range's beginning to 1 at its end.
  package static func ramp(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  }
}

/// What an enlarging network should be told of a picture's noise.
public struct EnlargingNoise: Sendable, Equatable {
  /// Standard deviation in 8-bit levels, between the two that follow as a camera's processing shows.
  public let level: Double
  /// The levels of a picture whose noise is white, or shared by the channels, and of one that a camera has processed.
  public let plainLevel, processedLevel: Double
  /// How far the picture's faults are blur and white noise alone, 0 to 1. Pictures of little trust have no kernel refined; how far
  /// an enlarged picture is trusted is decided elsewhere, by a judge.
  public let trust: Double
  /// Why trust is below 1: one sentence for the user, or nil.
  public let note: String?

  /// As much noise as an enlarger was trained with, at most: more is worse than that.
  private static let mostTrained = 25.0
  /// As much as noise that the channels share counts for, at most.
  private static let mostShared = 20.0

  /// - Parameters:
  ///   - white: what `noiseLevel` says, JPEG's part included.
  ///   - spectrum: nil for a picture too small to have one.
  ///   - wasJPEG: whether the picture shows JPEG's grid.
  ///   - screen: how clearly a print's screen is seen by other means, 0 to 1.
  public init(white: Double, spectrum: NoiseSpectrum?, wasJPEG: Bool, screen: Double = 0) {
    let white = min(white, Self.mostTrained)
    guard let spectrum else {
      (level, plainLevel, processedLevel) = (white, white, white)
      (trust, note) = (1, nil)
      return
    }
    let ramp = NoiseSpectrum.ramp
    // Clean pictures' detail is shared by the channels, too, and would pass for noise.
    let strength = wasJPEG ? 0 : ramp(white, 1...2.5)
    // The networks were trained on independent channels. By the covariance, noise that is equal in all three counts for the
    // root of 3 as much; a power of 4/3, for 2.08, is what grey pictures came out best with.
    // Chance and texture make the share of independent noise as much as 1.3.
    let sharing = ramp(spectrum.sharing, 1.3...1.65) * strength
    let shared = white * (1 + (pow(spectrum.sharing, 4.0 / 3) - 1) * sharing)
    let processing = spectrum.processing(wasJPEG: wasJPEG)
    let camera = 8 + 5.5 * spectrum.floor.upper
    plainLevel = max(white, min(shared, Self.mostShared))
    processedLevel = max(plainLevel, min(camera, Self.mostTrained))
    level = max(plainLevel, min(ramp(processing, 0...0.5) * camera, Self.mostTrained))
    let pattern = max(spectrum.pattern, screen)
    let isShared = ramp(spectrum.sharing, 1.5...1.7) * strength
    trust = (1 - 0.4 * processing) * (1 - pattern) * (1 - 0.3 * isShared)
    note = Self.note(pattern: pattern, processing: processing, shared: isShared)
  }

  /// The clearest cause's sentence; nil where none is clear. Causes are from 0 to 1.
  package static func note(pattern: Double, processing: Double, shared: Double) -> String? {
    let causes = [
      (pattern, "a fine pattern such as a print's screen"),
      (processing, "a camera's demosaicking or denoising"),
      (shared, "noise that is the same in all colours"),
    ]
    guard let cause = causes.max(by: { $0.0 < $1.0 }), cause.0 > 0.25 else { return nil }
    return "the picture shows \(cause.1), so it is enlarged with more caution and is less sharp"
  }
}
