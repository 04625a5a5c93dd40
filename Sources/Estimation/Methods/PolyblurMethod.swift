import BlurKernels
public import Checkpoints
public import Imaging

/// Polyblur's blur estimate (Delbracio, Garcia-Dorado, Choi, Kelly, Milanfar: "Polyblur: Removing Mild Blur by
/// Polynomial Reblurring", IEEE TCI 2021): a Gaussian whose width along each direction follows from the strongest
/// edge across it, in closed form. It is the cheapest baseline. `docs/methods.md` has the details and their sources.
public struct PolyblurMethod: EstimationMethod {
  public static let name = "polyblur"
  public static let summary = "a Gaussian from the strongest edges, in closed form (Delbracio et al. 2021)"

  public static let startsFromWeights = false

  public var steps: Int { 0 }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.notFollowed` where any option is set, except 0 steps.
  public init(_ options: MethodOptions) throws {
    try options.refuse(allBut: options.steps == 0 ? ["--steps"] : [], for: Self.name)
  }

  /// The kernel; nothing is random, so the seed has no effect.
  /// - Throws: `EstimationError.noEdges` where all pixels are alike.
  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let found = try DirectionalEdges(of: picture) { () throws(EstimationError) in try onStep(0) }
    guard let edges = found else { throw EstimationError.noEdges }
    let kernel = GaussianBlur(edges).kernel(scale: scale)
    return Estimate(kernel: kernel, losses: [], recorded: recording.contains(0) ? [0: kernel] : [:])
  }
}

/// The Gaussian blur of the low-resolution picture that its edges show.
private struct GaussianBlur {
  /// Variances in square pixels of the low-resolution picture, along the direction of the weakest edges and across it.
  let along, across: Double
  /// The direction of the weakest edges, radians from the x axis towards y.
  let theta: Double

  /// The regression of Eboli, Morel and Facciolo's program ("Breaking down Polyblur", IPOL 2022) for values in [0, 1]:
  /// variance = slope^2 / edge^2 - sharp^2, where `sharp` is the blur of edges in sharp photographs, in pixels.
  private static let slope = 0.362, sharp = 0.464
  /// The range of the estimate's standard deviations, in pixels.
  private static let deviations = 0.3...4.0

  init(_ edges: DirectionalEdges) {
    let weakest = edges.weakest
    theta = weakest.angle
    along = Self.variance(weakest.edge)
    across = Self.variance(edges.edge(at: weakest.angle + .pi / 2))
  }

  private static func variance(_ edge: Double) -> Double {
    let variance = slope * slope / (edge * edge) - sharp * sharp
    return min(
      max(variance, deviations.lowerBound * deviations.lowerBound),
      deviations.upperBound * deviations.upperBound)
  }

  /// The kernel of the high-resolution picture: every length `scale` times as large; 11x11 with centre of mass 4.5 at scale
  /// 2, 21x21 with 8.5 at scale 4.
  func kernel(scale: Int) -> BlurKernel {
    let side = BlurKernel.side(scale: scale)
    let centre = Double(side - scale) / 2
    let area = Double(scale * scale)
    let covariance = BlurKernel.Covariance(lambda1: along * area, lambda2: across * area, theta: theta)
    return BlurKernel.gaussian(side: side, centre: (centre, centre), covariance: covariance)
      .centred(at: centre).normalised()
  }
}
