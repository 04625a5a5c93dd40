public import Degradation
public import Imaging

/// Looks for what a Gaussian leaves out of a picture's kernel.
///
/// The picture is enlarged with the Gaussian, told of some noise, so that USRNet follows what pictures look like rather
/// than the kernel; then those kernel values are found by least squares that make the given picture of the enlarged one
/// best. As in blind deconvolution's alternation of picture and kernel (Chan, Wong 1998; for super-resolution Luo et al.,
/// NeurIPS 2020), with three differences: one round, since more lead away (docs/experiments.md); the kernel's sum, centre
/// and second moments are kept, which the spectrum tells better; and a kernel that hardly departs from the Gaussian is
/// taken for one.
public struct KernelRefinement: Sendable {
  private let resolver: SuperResolver

  /// What came of it.
  public struct Outcome: Sendable, Equatable {
    public let kernel: BlurKernel
    /// Length of the difference that least squares find, in shares of the Gaussian's.
    public let departure: Double
    /// How much of the difference the kernel was given, 0...1.
    public let share: Double
    /// What the kernel leaves unexplained of the picture, in shares of its power at high frequencies.
    public let unexplained: Double

    /// What an enlarging with the kernel should be told of as image noise for what the kernel leaves unexplained, in 8-bit
    /// levels: kernels of another kind than expected, such as disks, leave more than others (docs/experiments.md).
    public var equivalentNoise: Double {
      KernelRefinement.misfitNoise * KernelRefinement.ramp(unexplained, KernelRefinement.misfits)
    }
  }

  /// Sides of the part of a picture that is looked at, at most; larger ones say little more and take long.
  static let largestSide = 256
  /// Pixels from the border that a kernel of 11x11 and the enlarging's own border reach.
  static let margin = 8
  private static let smallestSide = 64
  /// Told to USRNet, in 8-bit levels.
  private static let noise = 3.0
  /// In pictures with more noise, or that were JPEGs, the difference found is mostly noise.
  private static let mostNoise = 1.5
  /// Departures that nothing, and everything, is given of.
  private static let departures = 0.05...0.08
  /// What is left unexplained where the kernel may, and where it cannot, be of the kind expected.
  private static let misfits = 0.045...0.08
  /// Told of a kernel that does not explain the picture: what disks, boxes and motion came out best with.
  private static let misfitNoise = 5.0

  /// - Parameter resolver: with USRNet-tiny's weights; nil comes of one without.
  public init?(_ resolver: SuperResolver) {
    guard resolver.sha256 != nil else { return nil }
    self.resolver = resolver
  }

  /// - Parameters:
  ///   - kernel: 11x11, of scale 2, of our own convention; near to a Gaussian about (4.5, 4.5).
  ///   - picture: the picture that it was found in.
  /// - Returns: nil where the picture is too small or too noisy to tell.
  public func refine(_ kernel: BlurKernel, of picture: Picture) throws(SuperResolutionError) -> Outcome? {
    guard min(picture.width, picture.height) >= Self.smallestSide, kernel.side == WindowProducts.side else {
      return nil
    }
    guard picture.noiseLevel() < Self.mostNoise else { return nil }
    let part = BusiestPart(of: picture, side: Self.largestSide).part
    let enlarged = try resolver.enlargedPlanes(
      part, kernel: kernel, scale: 2, noise: Self.noise, border: .continued)
    let fit = KernelFit(try WindowProducts(of: enlarged, and: part, margin: Self.margin))
    let difference = fit.difference(from: kernel.values)
    let departure = (Self.energy(difference) / Self.energy(kernel.values)).squareRoot()
    guard departure.isFinite else { return nil }
    let share = Self.ramp(departure, Self.departures)
    let values = zip(kernel.values, difference).map { $0 + share * $1 }
    return Outcome(
      kernel: BlurKernel(side: kernel.side, values: values), departure: departure, share: share,
      unexplained: fit.unexplained(by: values))
  }

  /// From 0 at the range's beginning to 1 at its end.
  private static func ramp(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  }

  private static func energy(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
}
