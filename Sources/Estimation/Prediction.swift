public import BlurKernels
import Foresight
import Imaging
import Networks
import Numerics

/// What a picture's spectrum says of its kernel before any adaptation, and how far to trust it.
public struct Prediction: Sendable {
  /// 11x11, of scale 2: a Gaussian drawn as the paper draws them.
  public let kernel: BlurKernel
  public let spread: KernelSpread
}

/// How far an estimated kernel may be off.
public struct KernelSpread: Sendable, Equatable {
  /// What LK-COV to the true kernel of scale 2 stays under in nine pictures of ten, in square pixels.
  public let covarianceBound: Double
  /// What the root of the sum of squared differences to the true kernel stays under in half of all pictures.
  public let typicalDifference: Double
  /// What the user should know about the picture, one sentence each; empty where there is nothing to say.
  public let doubts: [String]

  /// A kernel is called sure whose bound is under this. Of those, nine in ten are within their bound even on pictures unlike
  /// the training's (docs/experiments.md).
  public static let sureBound = 1.5

  /// What an enlarging that trusts its kernel should be told of as image noise, in 8-bit levels: a wrong kernel's errors
  /// come out like amplified noise.
  ///
  /// - Parameter isRefined: whether what the kernel has beyond a Gaussian was looked for, which is most of the difference
  ///   expected of certain pictures.
  public func equivalentNoise(isRefined: Bool) -> Double {
    let harmless = isRefined ? Self.harmlessDifferenceRefined : Self.harmlessDifference
    return min(max(Self.noisePerDifference * (typicalDifference - harmless), 0.5), Self.unknownNoise)
  }

  /// Of kernels without a spread, such as the paper's.
  static let unknownNoise = 3.0
  private static let noisePerDifference = 120.0, harmlessDifference = 0.01
  private static let harmlessDifferenceRefined = 0.03

  public var isSure: Bool { covarianceBound < Self.sureBound && doubts.isEmpty }
}

/// Foresees kernels. A workspace of one thread.
final class KernelPredictor {
  private let spectrum: PowerSpectrum
  private let networks: [(network: ConditioningNetwork, state: NetworkState)]
  /// Whether a picture's tiles are twice as many each way as in training (but where those are enough), and each of its four
  /// mirrored and turned forms has a quarter of them; otherwise every form has all.
  private let isDense: Bool
  /// By how much less than foreseen a kernel's two variances are taken to add up to, in shares of the bound on LK-COV: too
  /// wide a kernel rings, which costs an enlarged picture more than too narrow a kernel's softness does.
  private let caution: Double
  /// Of a kernel's variances, what caution leaves at least.
  private static let leastShare = 0.5

  /// Sides of the regions that are compared with the whole, at least.
  private static let regionSide = 96
  /// Under this contrast, in shares of the brightest value, rounding to 8 bits is most of a spectrum.
  private static let leastContrast = 1.5 / 255
  private static let leastSide = 48
  /// What the network's bounds, which hold for nine in ten of pictures like the training's, are widened by: so much on
  /// pictures unlike them (docs/experiments.md).
  private static let allowance = 1.35
  /// Tiles that the network looks at together.
  private static let batch = 64
  /// Of a picture that has tiles enough at the distance of training.
  private static let manyPixels = 1 << 20

  /// - Parameters:
  ///   - states: of conditioned architectures; the mean of what they foresee is taken.
  ///   - scale: 2 or 4, for which held-out pictures chose the tiles and the caution (docs/experiments.md).
  init(_ states: [NetworkState], scale: Int) throws(EstimationError) {
    (isDense, caution) = scale == 2 ? (true, 0.05) : (false, 0.2)
    do {
      spectrum = try PowerSpectrum()
      networks = try states.map { (try ConditioningNetwork($0.architecture), $0) }
    } catch { throw .numerics("\(error)") }
  }

  func predict(_ picture: Picture) -> Prediction {
    let isSmall = min(picture.width, picture.height) < Self.leastSide
    let picture = picture.padded(toAtLeast: Estimator.regionSide)
    let rows = min(max(picture.height / Self.regionSide, 1), 3)
    let columns = min(max(picture.width / Self.regionSide, 1), 3)
    let regions = look(at: picture, rows: rows, columns: columns)
    let whole = regions.reduce(Look(networks: networks.count), +)
    let foreseen = foresee(whole)
    var doubts: [String] = []
    if isSmall { doubts.append("the picture is too small to tell its kernel with any certainty") }
    if whole.sum.contrast < Self.leastContrast {
      doubts.append("the picture is too flat to tell its kernel with any certainty")
    } else if differ(regions.filter { $0.sum.contrast >= Self.leastContrast }.map(foresee)) {
      doubts.append("the blur differs across the picture; the kernel is that of the whole")
    }
    return Prediction(
      kernel: .anisotropicGaussian(foreseen.narrowed(by: caution)),
      spread: KernelSpread(
        covarianceBound: Self.allowance * foreseen.covarianceBound,
        typicalDifference: foreseen.typicalDifference,
        doubts: doubts))
  }

  private struct Foreseen {
    var covariance: BlurKernel.Covariance
    var covarianceBound: Double, typicalDifference: Double

    /// Of the same shape and orientation.
    func narrowed(by caution: Double) -> BlurKernel.Covariance {
      covariance * max(1 - caution * covarianceBound / (covariance.xx + covariance.yy), leastShare)
    }
  }

  /// What a region's tiles add up to: their spectra, and what each network makes of them in each symmetry.
  private struct Look {
    var sum = PowerSpectrum.Sum()
    /// Networks by symmetries.
    var pools: [TileNetwork.Pool]

    init(networks: Int) {
      pools = Array(repeating: TileNetwork.Pool(), count: networks * PowerSpectrum.Symmetry.all.count)
    }

    static func + (one: Look, other: Look) -> Look {
      var both = one
      both.sum = one.sum + other.sum
      for i in both.pools.indices { both.pools[i] += other.pools[i] }
      return both
    }
  }

  /// Tiles are handed to the networks in batches, one for each of four interleaved grids, which bounds the memory that a
  /// large picture takes.
  private func look(at picture: Picture, rows: Int, columns: Int) -> [Look] {
    for (network, state) in networks { network.prepare(state) }
    let luminance = luminance(of: picture)
    let symmetries = PowerSpectrum.Symmetry.all
    var looks = [Look](repeating: Look(networks: networks.count), count: rows * columns)
    var batches = looks.map { _ in symmetries.map { _ in [Float]() } }
    func pool(_ region: Int, _ grid: Int) {
      for index in isDense ? grid..<grid + 1 : symmetries.indices {
        let tiles = symmetries[index](batches[region][grid])
        for (number, (network, state)) in networks.enumerated() {
          looks[region].pools[number * symmetries.count + index] += network.pool(
            tiles, count: tiles.count / PowerSpectrum.frequencies, state)
        }
      }
      batches[region][grid].removeAll(keepingCapacity: true)
    }
    let sums = spectrum.sums(
      of: luminance.pointer, height: picture.height, width: picture.width,
      every: isDense && picture.width * picture.height < Self.manyPixels
        ? PowerSpectrum.step / 2 : PowerSpectrum.step,
      rows: rows, columns: columns
    ) { region, grid, logarithms in
      batches[region][grid] += UnsafeBufferPointer(start: logarithms, count: PowerSpectrum.frequencies)
      if batches[region][grid].count == Self.batch * PowerSpectrum.frequencies { pool(region, grid) }
    }
    for region in looks.indices {
      for grid in batches[region].indices { pool(region, grid) }
      looks[region].sum = sums[region]
    }
    return looks
  }

  /// The mean over networks and symmetries.
  private func foresee(_ look: Look) -> Foreseen {
    let features = look.sum.features
    var mean = Foreseen(covariance: .init(xx: 0, xy: 0, yy: 0), covarianceBound: 0, typicalDifference: 0)
    let symmetries = PowerSpectrum.Symmetry.all
    let share = 1 / Double(look.pools.count)
    for (index, pool) in look.pools.enumerated() {
      let (network, state) = networks[index / symmetries.count]
      let symmetry = symmetries[index % symmetries.count]
      let foresight = PredictedGaussian(network.forward(symmetry(features), pool, state))
      let found = foresight.shape.covariance
      mean.covariance.xx += share * (symmetry.isTransposed ? found.yy : found.xx)
      mean.covariance.xy += share * (symmetry.isMirrored ? -found.xy : found.xy)
      mean.covariance.yy += share * (symmetry.isTransposed ? found.xx : found.yy)
      mean.covarianceBound += share * foresight.covarianceBound
      mean.typicalDifference += share * foresight.typicalDifference
    }
    return mean
  }

  /// Whether two regions disagree by more than twice what their bounds allow together.
  private func differ(_ regions: [Foreseen]) -> Bool {
    for (index, one) in regions.enumerated() {
      for other in regions[..<index] {
        if one.covariance.distance(to: other.covariance) > 2 * (one.covarianceBound + other.covarianceBound) {
          return true
        }
      }
    }
    return false
  }

  private func luminance(of picture: Picture) -> FloatBuffer {
    let count = picture.width * picture.height
    let planes = FloatBuffer(3 * count)
    picture.patch(top: 0, left: 0, height: picture.height, width: picture.width, into: planes.pointer)
    for i in 0..<count {
      planes.pointer[i] = Luminance.of(
        planes.pointer[i], planes.pointer[count + i], planes.pointer[2 * count + i])
    }
    return planes
  }
}
