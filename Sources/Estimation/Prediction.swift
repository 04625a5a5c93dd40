import Conditioning
public import Degradation
import Imaging
import KernelGAN
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
  private let network: ConditioningNetwork
  private let state: NetworkState

  /// Sides of the regions that are compared with the whole, at least.
  private static let regionSide = 96
  /// Under this contrast, in shares of the brightest value, rounding to 8 bits is most of a spectrum.
  private static let leastContrast = 1.5 / 255
  private static let leastSide = 48

  /// - Parameter state: of a conditioned architecture.
  init(_ state: NetworkState) throws(EstimationError) {
    self.state = state
    do { (spectrum, network) = (try PowerSpectrum(), try ConditioningNetwork(state.architecture)) } catch {
      throw .numerics("\(error)")
    }
  }

  func predict(_ picture: Picture) -> Prediction {
    let isSmall = min(picture.width, picture.height) < Self.leastSide
    let picture = picture.padded(toAtLeast: Estimator.regionSide)
    let rows = min(max(picture.height / Self.regionSide, 1), 3)
    let columns = min(max(picture.width / Self.regionSide, 1), 3)
    let sums = luminance(of: picture).withUnsafeBufferPointer { values in
      values.baseAddress.map {
        spectrum.sums(of: $0, height: picture.height, width: picture.width, rows: rows, columns: columns)
      } ?? []
    }
    let whole = sums.reduce(PowerSpectrum.Sum(), +)
    let foreseen = foresee(whole)
    var doubts: [String] = []
    if isSmall { doubts.append("the picture is too small to tell its kernel with any certainty") }
    if whole.contrast < Self.leastContrast {
      doubts.append("the picture is too flat to tell its kernel with any certainty")
    } else if differ(sums.filter { $0.contrast >= Self.leastContrast }.map(foresee)) {
      doubts.append("the blur differs across the picture; the kernel is that of the whole")
    }
    return Prediction(
      kernel: .anisotropicGaussian(foreseen.covariance),
      spread: KernelSpread(
        covarianceBound: foreseen.covarianceBound, typicalDifference: foreseen.typicalDifference,
        doubts: doubts))
  }

  private struct Foreseen {
    var covariance: BlurKernel.Covariance
    var covarianceBound: Double, typicalDifference: Double
  }

  /// The mean over the four ways in which a picture can be mirrored and turned that its spectrum distinguishes.
  private func foresee(_ sum: PowerSpectrum.Sum) -> Foreseen {
    let upright = sum.features
    let mirrored = PowerSpectrum.mirrored(upright)
    var mean = Foreseen(covariance: .init(xx: 0, xy: 0, yy: 0), covarianceBound: 0, typicalDifference: 0)
    func add(_ features: [Float], isMirrored: Bool, isTransposed: Bool) {
      let foresight = Foresight(network.forward(features, state))
      let found = foresight.shape.covariance
      mean.covariance.xx += (isTransposed ? found.yy : found.xx) / 4
      mean.covariance.xy += (isMirrored ? -found.xy : found.xy) / 4
      mean.covariance.yy += (isTransposed ? found.xx : found.yy) / 4
      mean.covarianceBound += foresight.covarianceBound / 4
      mean.typicalDifference += foresight.typicalDifference / 4
    }
    add(upright, isMirrored: false, isTransposed: false)
    add(mirrored, isMirrored: true, isTransposed: false)
    add(PowerSpectrum.transposed(upright), isMirrored: false, isTransposed: true)
    add(PowerSpectrum.transposed(mirrored), isMirrored: true, isTransposed: true)
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

  private func luminance(of picture: Picture) -> [Float] {
    let count = picture.width * picture.height
    let planes = FloatBuffer(3 * count)
    picture.patch(top: 0, left: 0, height: picture.height, width: picture.width, into: planes.pointer)
    return (0..<count).map { i in
      Luminance.of(planes.pointer[i], planes.pointer[count + i], planes.pointer[2 * count + i])
    }
  }
}
