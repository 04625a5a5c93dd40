public import BlurKernels
public import Imaging
import Numerics
public import SuperResolution

/// Looks for what a foreseen kernel leaves out, by enlarging the picture with it. USRNet, told of some noise, follows what
/// pictures look like rather than the kernel, so that what the kernel makes of the enlarged picture differs from the given one
/// where the kernel is wrong.
///
/// - A Gaussian and a rival, whose light is spread evenly, are both tried, and the rival is taken where it leaves clearly
///   less of the picture unexplained: a spectrum hardly tells the two apart, but sees the rival as a wider Gaussian.
/// - At scale 2, in pictures with little noise, those kernel values are then found by least squares that make the given
///   picture of the enlarged one best. As in blind deconvolution's alternation of picture and kernel (Chan, Wong 1998; for
///   super-resolution Luo et al., NeurIPS 2020), with three differences: one round, since more lead away
///   (docs/decisions.md); the kernel's sum, centre and second moments are kept, which are known better; and a kernel
///   that hardly departs is left as it is.
public struct KernelRefinement: Sendable {
  private let resolver: SuperResolver

  /// What came of it.
  public struct Outcome: Sendable, Equatable {
    public let kernel: BlurKernel
    /// Logarithm of what the rival leaves unexplained, in shares of what the Gaussian does.
    public let rivalRatio: Double
    public let isRival: Bool
    /// Whether the rival explains the picture better, but not clearly enough to be taken.
    public let isUndecided: Bool
    /// What least squares say, where they were asked.
    public let fit: Fit?
    /// What an enlarging with the kernel should be told of as image noise for what it may leave out, in 8-bit levels
    /// (docs/decisions.md).
    public let equivalentNoise: Double
  }

  /// What least squares say of a kernel.
  public struct Fit: Sendable, Equatable {
    /// Length of the difference that they find, in shares of the kernel's.
    public let departure: Double
    /// How much of the difference the kernel was given, 0...1.
    public let share: Double
    /// What the kernel leaves unexplained of the picture then, in shares of its power at high frequencies.
    public let unexplained: Double

    package init(departure: Double, share: Double, unexplained: Double) {
      (self.departure, self.share, self.unexplained) = (departure, share, unexplained)
    }
  }

  /// Side of the part of a picture that is looked at, once enlarged; larger ones say little more and take long.
  static let largestSide = 512
  /// Pixels from the border that a kernel and the enlarging's own border reach.
  static let margin = 8
  private static let smallestSide = 48
  /// In pictures with more noise, which JPEGs count as having, what least squares find is mostly noise.
  private static let mostNoiseFitted = 1.5

  /// How kernels of a scale are told apart; held-out pictures chose the numbers (docs/decisions.md).
  private struct Trial {
    /// Told to USRNet at least, in 8-bit levels.
    let noise: Double
    /// Pictures with more are not tried: it hides what tells kernels apart.
    let mostNoise: Double
    /// The rival's ratio under which it is taken.
    let rivalRatio: Double
  }
  private static func trial(_ scale: Int) -> Trial {
    scale == 2
      ? Trial(noise: 3, mostNoise: 5, rivalRatio: -0.25) : Trial(noise: 1, mostNoise: 1.5, rivalRatio: -0.1)
  }

  /// In shares of the ratio under which the rival is taken.
  private static let undecided = 0.4
  /// Departures that nothing, and everything, is given of. The shipped enlarger follows the kernel less, so that chance
  /// makes more of a departure: up to 0.07 on clean pictures, from 0.13 on with disks that are no ellipses.
  private static let departures = (follows: 0.05...0.08, tolerates: 0.08...0.13)
  /// Pictures of less trust have been changed by more than a blur, and what is found is mostly that.
  private static let leastTrust = 0.85
  /// What is left unexplained where the kernel may, and where it cannot, be of the kind expected.
  private static let misfits = 0.045...0.08
  /// Told of a kernel that does not explain the picture: what disks, boxes and motion came out best with.
  private static let misfitNoise = 5.0
  /// Without least squares: told where the rival explains as much as the Gaussian, or more.
  private static let rivalNoise = 2.0

  /// - Parameter resolver: with a network's weights; nil comes of one without.
  public init?(_ resolver: SuperResolver) {
    guard resolver.sha256 != nil else { return nil }
    self.resolver = resolver
  }

  /// - Parameters:
  ///   - kernel: 11x11 of scale 2, or 21x21 of scale 4, of our own convention; near to a Gaussian.
  ///   - rival: as large, of light spread evenly, which a spectrum shows alike.
  ///   - picture: the picture that it was found in.
  ///   - scale: 2 or 4.
  ///   - check: called many times a second; throws `.cancelled` to stop.
  /// - Returns: nil where the picture is too small or too noisy to tell.
  public func refine(
    _ kernel: BlurKernel, rival: BlurKernel, of picture: Picture, scale: Int,
    check: () throws(SuperResolutionError) -> Void = {}
  ) throws(SuperResolutionError) -> Outcome? {
    let trial = Self.trial(scale)
    let level = picture.noiseLevel()
    try check()
    guard min(picture.width, picture.height) >= Self.smallestSide, level < trial.mostNoise,
      picture.enlargingNoise().trust >= Self.leastTrust
    else { return nil }
    let noise = max(trial.noise, level)
    let part = try BusiestPart(of: picture, side: Self.largestSide / scale, check: check).part
    func enlarged(_ kernel: BlurKernel) throws(SuperResolutionError) -> Planes {
      try resolver.enlargedPlanes(
        part, kernel: kernel, scale: scale, noise: noise, border: .continued, check: check)
    }
    func unexplained(_ kernel: BlurKernel, _ enlarged: Planes) -> Double {
      kernel.unexplained(of: part, from: enlarged, scale: scale, margin: Self.margin)
    }
    let (own, other) = (try enlarged(kernel), try enlarged(rival))
    let ratio = Elementary.logarithm(unexplained(rival, other) / unexplained(kernel, own))
    guard ratio.isFinite else { return nil }
    let isRival = ratio < trial.rivalRatio
    let taken = isRival ? rival : kernel
    let isUndecided = !isRival && ratio < Self.undecided * trial.rivalRatio
    guard scale == 2, level < Self.mostNoiseFitted else {
      let told = Self.rivalNoise * Self.ramp(-ratio, trial.rivalRatio ... -trial.rivalRatio)
      return Outcome(
        kernel: taken, rivalRatio: ratio, isRival: isRival, isUndecided: isUndecided, fit: nil,
        equivalentNoise: told)
    }
    try check()
    let products = try WindowProducts(of: isRival ? other : own, and: part, margin: Self.margin)
    let departures =
      resolver.toleratesWrongKernels(scale: scale) ? Self.departures.tolerates : Self.departures.follows
    guard let (fitted, fit) = Self.fit(taken, KernelFit(products), departures) else { return nil }
    return Outcome(
      kernel: fitted, rivalRatio: ratio, isRival: isRival, isUndecided: isUndecided, fit: fit,
      equivalentNoise: Self.misfitNoise * Self.ramp(fit.unexplained, Self.misfits))
  }

  private static func fit(
    _ kernel: BlurKernel, _ explanation: KernelFit, _ departures: ClosedRange<Double>
  ) -> (BlurKernel, Fit)? {
    let difference = explanation.difference(from: kernel.values)
    let departure = (energy(difference) / energy(kernel.values)).squareRoot()
    guard departure.isFinite else { return nil }
    let share = ramp(departure, departures)
    let values = zip(kernel.values, difference).map { $0 + share * $1 }
    return (
      BlurKernel(side: kernel.side, values: values),
      Fit(departure: departure, share: share, unexplained: explanation.unexplained(by: values))
    )
  }

  /// From 0 at the range's beginning to 1 at its end.
  private static func ramp(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  }

  private static func energy(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
}
