public import BlurKernels
public import Imaging
import Numerics
public import SuperResolution

/// Corrects a predicted kernel by enlarging the picture with it. An enlarger that is given some noise follows its
/// prior of pictures more than the kernel. So where the kernel is wrong, the enlarged picture, blurred by it and
/// reduced, differs from the given picture.
///
/// - The picture is enlarged with the Gaussian and with a rival, a uniform ellipse. The rival is taken where it leaves
///   clearly less of the picture unexplained. A spectrum hardly distinguishes the two, since a uniform ellipse looks like a
///   wider Gaussian there.
/// - At scale 2, in pictures with little noise, least squares then find the kernel values that best turn the enlarged
///   picture into the given one. This is a round of blind deconvolution's alternation of picture and kernel (Chan, Wong
///   1998; for super-resolution Luo et al., NeurIPS 2020), with three differences. There is one round, since more rounds
///   lead away (docs/decisions.md). The kernel's sum, centre and second moments are kept, which are known better. A kernel
///   with a small departure is not changed.
public struct KernelRefinement: Sendable {
  private let resolver: SuperResolver

  /// The result of a refinement.
  public struct Outcome: Sendable, Equatable {
    /// The refined kernel, in the size and convention of the given one.
    public let kernel: BlurKernel
    /// The natural logarithm of the rival's unexplained share of the picture over the Gaussian's.
    public let rivalRatio: Double
    /// Whether the rival was taken.
    public let isRival: Bool
    /// Whether the rival explains the picture better, but not clearly enough to be taken.
    public let isUndecided: Bool
    /// The result of least squares; nil where they were not used.
    public let fit: Fit?
    /// The image noise that stands for the kernel's remaining error when a picture is enlarged with it, in 8-bit levels
    /// (docs/decisions.md).
    public let equivalentNoise: Double
  }

  /// The result of least squares for a kernel.
  public struct Fit: Sendable, Equatable {
    /// The Euclidean norm of the difference that they find, over that of the kernel.
    public let departure: Double
    /// The share of the difference that was added to the kernel, 0...1.
    public let share: Double
    /// The share of the picture's power at high frequencies that the new kernel leaves unexplained.
    public let unexplained: Double

    package init(departure: Double, share: Double, unexplained: Double) {
      (self.departure, self.share, self.unexplained) = (departure, share, unexplained)
    }
  }

  /// The side of the part of a picture that is enlarged, in pixels of the enlarged part. Larger parts say little more
  /// and take long.
  static let largestSide = 512
  /// The pixels at the border that are left out, since kernel and enlarging see beyond the border.
  static let margin = 8
  private static let smallestSide = 48
  /// The largest noise level for least squares, in 8-bit levels. Beyond it they fit mostly noise; JPEGs count as noisy.
  private static let mostNoiseFitted = 1.5

  /// How the two kernels of a scale are compared; held-out pictures chose the numbers (docs/decisions.md).
  private struct Trial {
    /// The least noise level that the enlarger is given, in 8-bit levels.
    let noise: Double
    /// The noise level from which on pictures are not tried, in 8-bit levels: it hides the difference of kernels.
    let mostNoise: Double
    /// The rival is taken where `Outcome.rivalRatio` is below this.
    let rivalRatio: Double
  }
  private static func trial(_ scale: Int) -> Trial {
    scale == 2
      ? Trial(noise: 3, mostNoise: 5, rivalRatio: -0.25) : Trial(noise: 1, mostNoise: 1.5, rivalRatio: -0.1)
  }

  /// The outcome is undecided below this share of the ratio under which the rival is taken.
  private static let undecided = 0.4
  /// The departure up to which nothing of the difference is added to the kernel, and the one from which on all of it
  /// is. The shipped enlarger follows the kernel less (`tolerates`), so departures by chance are larger: up to 0.07
  /// on clean pictures. Disks that are no ellipses depart by 0.13 or more.
  private static let departures = (follows: 0.05...0.08, tolerates: 0.08...0.13)
  /// The least trust in a picture (`Picture.enlargingNoise`). Pictures of less trust were changed by more than a
  /// blur, and a refinement would fit those changes.
  private static let leastTrust = 0.85
  /// The unexplained share up to which a kernel may be of the expected kinds, and the one from which on it cannot be.
  private static let misfits = 0.045...0.08
  /// The equivalent noise of a kernel that does not explain the picture, in 8-bit levels: the best one for disks,
  /// boxes and motion.
  private static let misfitNoise = 5.0
  /// The largest equivalent noise without least squares, in 8-bit levels: where the rival explains clearly more than
  /// the Gaussian.
  private static let rivalNoise = 2.0

  /// Nil for an enlarger without a network.
  /// - Parameter resolver: enlarges pictures; should have a network's weights.
  public init?(_ resolver: SuperResolver) {
    guard resolver.sha256 != nil else { return nil }
    self.resolver = resolver
  }

  /// Refines a kernel of a picture.
  /// - Parameters:
  ///   - kernel: 11x11 at scale 2, 21x21 at scale 4, in the project's convention; close to a Gaussian.
  ///   - rival: a uniform ellipse of the same size whose spectrum looks like the kernel's.
  ///   - picture: the picture that the kernel was found in.
  ///   - scale: 2 or 4.
  ///   - check: called many times a second; throws `.cancelled` to stop.
  /// - Returns: nil where the picture is too small, too noisy or too much processed for a refinement.
  /// - Throws: what `check` throws; `SuperResolutionError` where the picture cannot be enlarged.
  public func refine(
    _ kernel: BlurKernel, rival: BlurKernel, of picture: Picture, scale: Int,
    check: () throws(SuperResolutionError) -> Void = {}
  ) throws(SuperResolutionError) -> Outcome? {
    let (trial, level) = (Self.trial(scale), picture.noiseLevel())
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
    let products = try WindowProducts(of: isRival ? other : own, and: part, margin: Self.margin)
    let departures =
      resolver.toleratesWrongKernels(scale: scale) ? Self.departures.tolerates : Self.departures.follows
    guard let (fitted, fit) = Self.fitted(taken, by: KernelFit(products), ramp: departures) else {
      return nil
    }
    return Outcome(
      kernel: fitted, rivalRatio: ratio, isRival: isRival, isUndecided: isUndecided, fit: fit,
      equivalentNoise: Self.misfitNoise * Self.ramp(fit.unexplained, Self.misfits))
  }

  /// The kernel with a share of the difference that least squares find, which grows from 0 to 1 over the range
  /// `departures`. Nil where the least squares have no finite solution.
  private static func fitted(
    _ kernel: BlurKernel, by squares: KernelFit, ramp departures: ClosedRange<Double>
  ) -> (BlurKernel, Fit)? {
    let difference = squares.difference(from: kernel.values)
    let departure = (energy(difference) / energy(kernel.values)).squareRoot()
    guard departure.isFinite else { return nil }
    let share = ramp(departure, departures)
    let values = zip(kernel.values, difference).map { $0 + share * $1 }
    return (
      BlurKernel(side: kernel.side, values: values),
      Fit(departure: departure, share: share, unexplained: squares.unexplained(by: values))
    )
  }

  /// From 0 at the range's beginning to 1 at its end.
  private static func ramp(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  }

  private static func energy(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
}
