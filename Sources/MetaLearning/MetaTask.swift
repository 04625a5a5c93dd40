/// Everything that one task's adaptation depends on (paper, section 3.1): it can be sent anywhere and gives the same
/// gradient there.
public struct MetaTask: Sendable, Equatable {
  /// Side of the HR crop, unless the settings choose another.
  public static let cropSide = 192
  /// Of the crops that the settings may choose: at scale 4 it leaves some tiles to take a spectrum of.
  public static let leastSide = 128

  /// The augmented HR crop, (side, side, 3), 8-bit RGB.
  public var crop: [UInt8]
  /// The blur, (11, 11) as float32, a cross-correlation kernel.
  public var kernel: [Float]
  /// Standard deviation of noise added to the LR picture, in shares of the brightest value.
  public var imageNoise: Float
  /// Of crop positions and noise.
  public var key: UInt64

  public init(crop: [UInt8], kernel: [Float], imageNoise: Float, key: UInt64) {
    (self.crop, self.kernel, self.imageNoise, self.key) = (crop, kernel, imageNoise, key)
  }

  /// Side of the HR crop; a multiple of four.
  public var side: Int { Int((Double(crop.count) / 3).squareRoot()) }
}
