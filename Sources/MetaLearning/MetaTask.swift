public import Degradation
public import Numerics

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

/// Blur kernels to train on.
public struct KernelDistribution: Sendable, Equatable {
  /// Of both variances lambda1 and lambda2.
  public var variances: ClosedRange<Double>
  /// a: every value is multiplied by 1 + U[-a, a] before the kernel is centred and normalised.
  public var noise: Double
  /// The share of kernels that noise is for.
  public var noiseShare = 1.0

  /// The paper's: lambda1, lambda2 ~ U[0.35, 5], theta ~ U[0, pi].
  public static let paper = KernelDistribution(variances: 0.35...5, noise: 0)

  public init(variances: ClosedRange<Double>, noise: Double) {
    (self.variances, self.noise) = (variances, noise)
  }

  public func draw(using random: inout Philox) -> BlurKernel {
    let range = variances.lowerBound..<variances.upperBound
    let lambda1 = random.uniform(in: range)
    let lambda2 = random.uniform(in: range)
    let theta = random.uniform(in: 0..<Double.pi)
    let isNoisy = noise > 0 && (noiseShare == 1 || random.uniform() < noiseShare)
    let factors = isNoisy ? (0..<121).map { _ in 1 + random.uniform(in: -noise..<noise) } : nil
    return BlurKernel.anisotropicGaussian(lambda1: lambda1, lambda2: lambda2, theta: theta, noise: factors)
  }
}
