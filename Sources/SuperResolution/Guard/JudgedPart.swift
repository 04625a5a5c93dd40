package import BlurKernels
package import Imaging
import Numerics

/// A part of a picture, and what is thought of it.
package struct JudgedPart {
  let noise: EnlargingNoise
  /// What the judge was given of it, in the order of `JudgedPicture.names`; nil for a part too small to judge.
  package let features: [Double]?
  /// How clearly a print's screen or the like covers it, 0 to 1.
  package let pattern: Double
  let opinion: Opinion?

  /// How far what the network makes of it in a way can be trusted, 0 to 1. A print's dots are never detail.
  func trust(_ way: EnlargingWay) -> Double { (opinion?.trusts[way.rawValue] ?? 1) * (1 - pattern) }
}

/// What the judge sees of a whole picture and its kernel.
package struct JudgedPicture {
  package let noise: EnlargingNoise
  private let judge: EnlargementJudge
  private let picture: Picture
  private let kernel: [Double]
  private let white: Double
  private let trace: JPEGTrace?
  private let scale: Int
  /// Without memory for a transform, what a screen does to the floor must tell.
  private let screen = try? PrintScreen()

  /// - Throws: `SuperResolutionError.judge`.
  package init(_ picture: Picture, kernel: BlurKernel, standing: KernelStanding, scale: Int)
    throws(SuperResolutionError)
  {
    judge = try EnlargementJudge.shipped()
    (self.picture, self.scale) = (picture, scale)
    (white, trace) = (picture.noiseLevel(), picture.jpegTrace)
    noise = EnlargingNoise(white: white, spectrum: picture.noiseSpectrum, wasJPEG: trace != nil)
    let (covariance, area) = (kernel.covariance, Double(scale * scale))
    let mean = (covariance.xx + covariance.yy) / 2
    let half = (covariance.xx - covariance.yy) / 2
    let radius = (half * half + covariance.xy * covariance.xy).squareRoot()
    self.kernel = [
      Elementary.logarithm(max(mean + radius, 0) / area + 0.02),
      Elementary.logarithm(max(mean - radius, 0) / area + 0.02),
      Elementary.logarithm(standing.covarianceBound + 0.05),
      Elementary.logarithm(standing.typicalDifference + 0.003),
      standing.rivalRatio == nil ? 0 : 1, standing.rivalRatio ?? 0,
      standing.departure == nil ? 0 : 1, standing.departure ?? 0, standing.unexplained ?? 0,
    ]
  }

  package func judged(rows: Range<Int>, columns: Range<Int>) -> JudgedPart {
    let spectrum = picture.noiseSpectrum(rows: rows, columns: columns)
    let screen = screen?.certainty(in: picture, rows: rows, columns: columns) ?? 0
    let features = picture.traits(rows: rows, columns: columns).map {
      self.features($0, spectrum, screen: screen)
    }
    return JudgedPart(
      noise: EnlargingNoise(white: white, spectrum: spectrum, wasJPEG: trace != nil, screen: screen),
      features: features, pattern: max(spectrum?.pattern ?? 0, screen),
      opinion: features.map(judge.opinion))
  }

  /// What the features are called.
  package static let names =
    ["floor", "median", "mean"].flatMap { figure in (1...7).map { "luma.\(figure)\($0)" } }
    + ["floor", "mean"].flatMap { figure in (1...4).map { "colour.\(figure)\($0)" } }
    + ["axial", "diagonal", "differences.peakedness", "curvature.peakedness", "clipped", "differences"]
    + ["long", "short", "bound", "difference"].map { "kernel.\($0)" }
    + ["rival.known", "rival", "departure.known", "departure", "unexplained"]
    + ["white", "jpeg", "screen", "sharing", "upper", "grey", "scale"]

  /// What the judge's network is given of a part, in the order of `names`.
  /// - Parameter screen: how clearly a print's screen is seen, 0 to 1.
  private func features(_ part: PartTraits, _ spectrum: NoiseSpectrum?, screen: Double) -> [Double] {
    func level(_ power: Double) -> Double { Elementary.logarithm(power + 0.02) }
    let (differences, curvature) = (part.differences, part.curvature)
    return part.luma.map { level($0.floor) } + part.luma.map { level($0.median) }
      + part.luma.map { level($0.mean) }
      + part.colour.map { level($0.floor) } + part.colour.map { level($0.mean) }
      + [
        level(part.axial), level(part.diagonal), Self.peakedness(differences, least: 0.01),
        Self.peakedness(curvature, least: 0.1), part.clipped, Elementary.logarithm(differences.second + 0.01),
      ] + kernel + [
        Elementary.logarithm(min(white, 25) + 0.3), trace.map { Elementary.logarithm($0.step + 1) } ?? 0,
        screen,
        spectrum?.sharing ?? 1, Elementary.logarithm((spectrum?.floor.upper ?? 0) + 0.1),
        spectrum.map { $0.chromaSlope == nil } ?? true ? 1 : 0, Double(scale) / 2 - 1,
      ]
  }

  /// Logarithm of the kurtosis.
  private static func peakedness(_ moments: PartTraits.Moments, least: Double) -> Double {
    let second = moments.second + least
    return Elementary.logarithm((moments.fourth + least) / (second * second) + 0.1)
  }
}
