public import Numerics

/// Random blur kernels of scale 2, to train on and to make benchmarks with.
public struct KernelDistribution: Sendable, Equatable {
  /// Of both variances lambda1 and lambda2.
  public var variances: ClosedRange<Double>
  /// a: every value is multiplied by 1 + U[-a, a] before the kernel is centred and normalised.
  public var noise: Double
  /// The share of kernels that noise is for.
  public var noiseShare = 1.0
  /// The share of kernels that are of another family (`KernelFamily.others`, each as often), without noise.
  public var familyShare = 0.0

  /// The paper's: lambda1, lambda2 ~ U[0.35, 5], theta ~ U[0, pi].
  public static let paper = KernelDistribution(variances: 0.35...5, noise: 0)
  /// The same with the paper's "uniform multiplicative noise of up to 40 %".
  public static let nonGaussian = KernelDistribution(variances: 0.35...5, noise: 0.4)

  public init(variances: ClosedRange<Double>, noise: Double) {
    (self.variances, self.noise) = (variances, noise)
  }

  public func draw(using random: inout Philox) -> BlurKernel {
    if familyShare > 0, random.uniform() < familyShare {
      return KernelFamily.others[random.below(KernelFamily.others.count)].draw(using: &random)
    }
    let range = variances.lowerBound..<variances.upperBound
    let lambda1 = random.uniform(in: range)
    let lambda2 = random.uniform(in: range)
    let theta = random.uniform(in: 0..<Double.pi)
    let isNoisy = noise > 0 && (noiseShare == 1 || random.uniform() < noiseShare)
    let factors = isNoisy ? (0..<121).map { _ in 1 + random.uniform(in: -noise..<noise) } : nil
    return BlurKernel.anisotropicGaussian(lambda1: lambda1, lambda2: lambda2, theta: theta, noise: factors)
  }
}
