public import Numerics

/// Shapes that blur takes. Every kernel drawn is one of scale 2: 11x11, sum 1, centre of mass (4.5, 4.5), its second moments
/// about as large as those of the paper's Gaussians (the sum of both variances from 0.3 to 10); `BlurKernel.x4()` makes the
/// one of scale 4 of it. The same random numbers give the same bits on every machine.
public enum KernelFamily: String, Sendable, CaseIterable {
  /// The paper's: anisotropic Gaussians.
  case gaussian
  /// A moving camera: as often a straight line of any direction as a path that bends and wavers, of length 2 to 8.9.
  case motion
  /// Defocus: a disk of radius 1.2 to 4.4.
  case disk
  /// A rectangle turned by any angle, each side 2.1 to 6.2 long.
  case box
  /// What sharpening in a camera makes of a Gaussian: (1 + s) times it minus s times a wider one, s from 0.2 to 0.8, so that
  /// a rim of slightly negative values surrounds it.
  case sharpened
  /// Two of the others in a row, each half as large as it would be alone.
  case mixed

  /// Those that are not the paper's.
  public static let others = allCases.filter { $0 != .gaussian }
  private static let pure = allCases.filter { $0 != .mixed }

  public func draw(using random: inout Philox) -> BlurKernel {
    self == .gaussian
      ? KernelDistribution.paper.draw(using: &random) : draw(&random, size: 1, centre: 4.5)
  }

  /// - Parameters:
  ///   - size: factor of all lengths.
  ///   - centre: the centre of mass, 4.5 or 5.
  private func draw(_ random: inout Philox, size: Double, centre: Double) -> BlurKernel {
    switch self {
    case .gaussian: .centredGaussian(.draw(0.35..<5, &random) * (size * size), centre: centre)
    case .motion: PointSpread.motion(&random, size: size).kernel(centre: centre)
    case .disk: PointSpread.disk(radius: size * random.uniform(in: 1.2..<4.4)).kernel(centre: centre)
    case .box: PointSpread.box(&random, size: size).kernel(centre: centre)
    case .sharpened: Self.drawSharpened(&random, size: size, centre: centre)
    case .mixed: Self.drawMixed(&random, size: size, centre: centre)
    }
  }

  /// Unsharp masking by a Gaussian of variance u. What it takes from the variances, s u, is added to the least drawn, so
  /// that they stay above 0.35.
  private static func drawSharpened(_ random: inout Philox, size: Double, centre: Double) -> BlurKernel {
    let s = random.uniform(in: 0.2..<0.8)
    let u = random.uniform(in: 0.5..<2)
    let blur = BlurKernel.Covariance.draw(0.35 + s * u..<5, &random)
    let wider = BlurKernel.Covariance(xx: blur.xx + u, xy: blur.xy, yy: blur.yy + u)
    let (one, other) = (
      BlurKernel.centredGaussian(blur * (size * size), centre: centre),
      BlurKernel.centredGaussian(wider * (size * size), centre: centre)
    )
    return BlurKernel(side: 11, values: zip(one.values, other.values).map { (1 + s) * $0 - s * $1 })
  }

  /// The centres add up, and the 11x11 that are kept begin at 5. Tails of a lopsided path that are cut off move the centre by
  /// a little; that is made good.
  private static func drawMixed(_ random: inout Philox, size: Double, centre: Double) -> BlurKernel {
    let first = random.below(pure.count)
    let second = (first + 1 + random.below(pure.count - 1)) % pure.count
    let one = pure[first].draw(&random, size: size / 2, centre: 4.5)
    let other = pure[second].draw(&random, size: size / 2, centre: centre + 0.5)
    let both = one.convolved(with: other).window(side: 11, from: 5)
    return both.within(centre: centre).centred(at: centre).normalised()
  }
}

extension BlurKernel.Covariance {
  /// Of the same axes, each variance along one replaced by what `map` makes of it.
  fileprivate func mappingAxes(_ map: (Double) -> Double) -> Self {
    let (mean, half) = ((xx + yy) / 2, (xx - yy) / 2)
    let radius = (half * half + xy * xy).squareRoot()
    let (long, short) = (map(mean + radius), map(mean - radius))
    let share = radius > 0 ? (long - short) / 2 / radius : 0
    let middle = (long + short) / 2
    return Self(xx: middle + share * half, xy: share * xy, yy: middle - share * half)
  }

  /// Both variances from `variances`, the angle from 0 to pi.
  fileprivate static func draw(_ variances: Range<Double>, _ random: inout Philox) -> Self {
    let lambda1 = random.uniform(in: variances)
    let lambda2 = random.uniform(in: variances)
    return Self(lambda1: lambda1, lambda2: lambda2, theta: random.uniform(in: 0..<Double.pi))
  }
}

extension BlurKernel {
  /// 11x11 of scale 2, sum 1, centre of mass (4.5, 4.5): light spread evenly over an ellipse, as of a lens out of focus.
  /// - Parameter covariance: the kernel's, to within a tenth. Along either axis of the ellipse a variance of less than 0.2
  ///   counts as that, for pixels have as much, and of more than 5 as 5, for 11x11 hold no more.
  public static func evenEllipse(_ covariance: Covariance) -> BlurKernel {
    PointSpread.ellipse(covariance.mappingAxes { min(max($0 - 1 / 6, 0.03), 4.8) }).kernel(centre: 4.5)
  }

  /// Sampled at 11x11 pixels as far as they lie evenly about the centre, sum 1.
  fileprivate static func centredGaussian(_ covariance: Covariance, centre: Double) -> BlurKernel {
    gaussian(side: 11, centre: (centre, centre), covariance: covariance).within(centre: centre).normalised()
  }

  /// Zero in the rows and columns that have no counterpart on the centre's other side.
  fileprivate func within(centre: Double) -> BlurKernel {
    let last = Int(2 * centre)
    let kept = values.indices.map { $0 / side > last || $0 % side > last ? 0.0 : values[$0] }
    return BlurKernel(side: side, values: kept)
  }
}
