internal import BlurKernels
import Imaging
import Numerics

/// Predicts kernels. A workspace of one thread.
package final class KernelPredictor {
  private let spectrum: PowerSpectrum
  private let networks: [(network: PredictionNetwork, parameters: PredictionParameters)]
  /// Whether a picture's tiles are twice as many each way as in training (but where those are enough), and each of its four
  /// mirrored and transposed forms has a quarter of them; otherwise every form has all.
  private let isDense: Bool
  /// The predicted variances are narrowed so that their sum is smaller by this share of the bound on LK-COV: too wide a
  /// kernel rings, which costs an enlarged picture more than too narrow a kernel's softness does.
  private let caution: Double
  /// The share of a kernel's variances that caution leaves at least.
  private static let leastShare = 0.5

  /// A smaller picture is repeated to this size.
  private static let paddedSide = 64
  /// Sides of the regions that are compared with the whole, at least.
  private static let regionSide = 96
  private static let leastSide = 48
  /// Under this contrast, in steps between two levels, rounding is most of a spectrum.
  private static let leastContrast = 1.5
  /// The networks were trained on pictures of 8 bits, whose rounding their features take for granted.
  private static let trainedStep = 1 / 255.0
  /// The networks' bounds hold for nine in ten of pictures like the training's. They are widened by this factor for
  /// pictures unlike them (docs/decisions.md).
  private static let allowance = 1.35
  /// Tiles that the network looks at together.
  private static let batch = 64
  /// A picture of so many pixels has tiles enough at the distance of training.
  private static let manyPixels = 1 << 20

  /// - Parameters:
  ///   - parameters: of one or more networks; the mean of their predictions is taken.
  ///   - scale: 2 or 4, for which held-out pictures chose the tiles and the caution (docs/decisions.md).
  package init(_ parameters: [PredictionParameters], scale: Int) throws(NumericsError) {
    (isDense, caution) = scale == 2 ? (true, 0.05) : (false, 0.2)
    spectrum = try PowerSpectrum()
    var networks: [(network: PredictionNetwork, parameters: PredictionParameters)] = []
    for own in parameters { networks.append((try PredictionNetwork(), own)) }
    self.networks = networks
  }

  /// - Parameter picture: any size and depth; a 16-bit picture is taken at its full range (`Picture.expandedRange`).
  package func predict(_ picture: Picture) -> Prediction { predict(picture, check: {}) }

  /// As `predict(_:)`.
  /// - Parameter check: called before each tile; what it throws ends the work.
  package func predict<Stop: Error>(
    _ picture: Picture, check: () throws(Stop) -> Void
  ) throws(Stop) -> Prediction {
    let isSmall = min(picture.width, picture.height) < Self.leastSide
    let levelStep = picture.levelStep
    let hasFewLevels = levelStep > Self.trainedStep
    let leastContrast = Self.leastContrast * max(levelStep, Self.trainedStep)
    try check()
    let picture = picture.expandedRange().padded(toAtLeast: Self.paddedSide)
    let rows = min(max(picture.height / Self.regionSide, 1), 3)
    let columns = min(max(picture.width / Self.regionSide, 1), 3)
    let regions = try look(at: picture, rows: rows, columns: columns, check: check)
    let whole = regions.reduce(Look(networks: networks.count), +)
    let predicted = outputs(whole)
    var doubts: [String] = []
    if isSmall { doubts.append("the picture is too small to tell its kernel with any certainty") }
    if whole.sum.contrast < leastContrast {
      let fault = hasFewLevels ? "has too few levels" : "is too flat"
      doubts.append("the picture \(fault) to tell its kernel with any certainty")
    } else if differ(regions.filter { $0.sum.contrast >= leastContrast }.map(outputs)) {
      doubts.append("the blur differs across the picture; the kernel is that of the whole")
    }
    return Prediction(
      kernel: .anisotropicGaussian(predicted.narrowed(by: caution)),
      spread: KernelSpread(
        covarianceBound: Self.allowance * predicted.covarianceBound,
        typicalDifference: predicted.typicalDifference, doubts: doubts))
  }

  /// The networks' outputs, averaged.
  private struct Outputs {
    var covariance = BlurKernel.Covariance(xx: 0, xy: 0, yy: 0)
    var covarianceBound = 0.0, typicalDifference = 0.0

    /// A covariance of the same shape and orientation.
    func narrowed(by caution: Double) -> BlurKernel.Covariance {
      covariance * max(1 - caution * covarianceBound / (covariance.xx + covariance.yy), leastShare)
    }
  }

  /// A region's tiles, summed: their spectra, and the tile networks' outputs in each symmetry.
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

  /// Sums over the tiles of every region: with P(t) the logarithms of tile t's powers, S a symmetry and f a tile network,
  ///
  ///     pool[f, S] = sum over t of f(S(P(t)))
  ///
  /// where t runs over all tiles, or, if the tiles are dense, over the one of four interleaved grids that has S's number.
  /// Tiles go to the networks in batches, one for each region and grid, which bounds the memory for a large picture.
  private func look<Stop: Error>(
    at picture: Picture, rows: Int, columns: Int, check: () throws(Stop) -> Void
  ) throws(Stop) -> [Look] {
    for (network, parameters) in networks { network.prepare(parameters) }
    let luminance = luminance(of: picture)
    let grids = PowerSpectrum.Symmetry.all.count
    let isDoubled = isDense && picture.width * picture.height < Self.manyPixels
    var looks = [Look](repeating: Look(networks: networks.count), count: rows * columns)
    var waiting = looks.map { _ in [[Float]](repeating: [], count: grids) }
    func poolWaiting(_ region: Int, _ grid: Int) {
      addPools(of: waiting[region][grid], symmetries: isDense ? [grid] : Array(0..<grids), to: &looks[region])
      waiting[region][grid].removeAll(keepingCapacity: true)
    }
    let sums = try spectrum.sums(
      of: luminance.pointer, height: picture.height, width: picture.width,
      every: isDoubled ? PowerSpectrum.step / 2 : PowerSpectrum.step, rows: rows, columns: columns,
      check: check
    ) { region, grid, logarithms in
      waiting[region][grid] += UnsafeBufferPointer(start: logarithms, count: PowerSpectrum.frequencies)
      if waiting[region][grid].count == Self.batch * PowerSpectrum.frequencies { poolWaiting(region, grid) }
    }
    for region in looks.indices {
      for grid in 0..<grids { poolWaiting(region, grid) }
      looks[region].sum = sums[region]
    }
    return looks
  }

  /// pool[f, S] += sum over the tiles of f(S(P)) for every network f and the symmetries S of these numbers.
  private func addPools(of powers: [Float], symmetries: [Int], to look: inout Look) {
    let all = PowerSpectrum.Symmetry.all
    for number in symmetries {
      let tiles = all[number](powers)
      for (index, (network, parameters)) in networks.enumerated() {
        look.pools[index * all.count + number] += network.pool(
          tiles, count: tiles.count / PowerSpectrum.frequencies, parameters)
      }
    }
  }

  /// The mean over networks and symmetries.
  private func outputs(_ look: Look) -> Outputs {
    let features = look.sum.features
    var mean = Outputs()
    let symmetries = PowerSpectrum.Symmetry.all
    let share = 1 / Double(look.pools.count)
    for (index, pool) in look.pools.enumerated() {
      let (network, parameters) = networks[index / symmetries.count]
      let symmetry = symmetries[index % symmetries.count]
      let predicted = PredictedGaussian(network.forward(symmetry(features), pool, with: parameters))
      let found = predicted.shape.covariance
      mean.covariance.xx += share * (symmetry.isTransposed ? found.yy : found.xx)
      mean.covariance.xy += share * (symmetry.isMirrored ? -found.xy : found.xy)
      mean.covariance.yy += share * (symmetry.isTransposed ? found.xx : found.yy)
      mean.covarianceBound += share * predicted.covarianceBound
      mean.typicalDifference += share * predicted.typicalDifference
    }
    return mean
  }

  /// Whether two regions disagree by more than twice what their bounds allow together.
  private func differ(_ regions: [Outputs]) -> Bool {
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
