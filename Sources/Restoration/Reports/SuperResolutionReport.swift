import Foundation
import Imaging
import Platform

/// What is written about one enlarged picture, as JSON.
package struct SuperResolutionReport: PictureReport {
  package struct Result: Encodable, Sendable { let path: String, width: Int, height: Int }
  package struct Noise: Encodable, Sendable {
    let level: Double, isEstimated: Bool

    init(_ restored: RestorationFacts) { (level, isEstimated) = (restored.noise, restored.isNoiseEstimated) }
  }

  package let picture: String
  let width: Int, height: Int
  let scale: Int
  /// Upright, whatever the picture's EXIF orientation.
  let result: Result
  let contactSheet: String?
  let network: String
  let weights: KernelReport.Weights?
  /// Standard deviation in 8-bit levels.
  let noise: Noise
  /// The enlarger's mean share in the result, 0 to 1; the rest is plain enlargement.
  let trust: Double
  let kernelSource: FoundKernel.Source
  let kernelFile: String?
  /// Where the kernel was not brought along.
  let estimate: KernelReport?
  let orientation: KernelReport.Orientation
  let seconds: Double
  package let notes: [String]
  private let isConfident: Bool?

  private enum CodingKeys: String, CodingKey {
    case picture, width, height, scale, result, contactSheet, network, weights, noise, trust, kernelSource,
      kernelFile
    case estimate, orientation, seconds, notes
  }

  /// Where a result came from and went to.
  package struct Paths: Sendable {
    package let picture: String, result: String, contactSheet: String?, kernel: String?

    package init(picture: String, result: String, contactSheet: String?, kernel: String?) {
      (self.picture, self.result, self.contactSheet) = (picture, result, contactSheet)
      self.kernel = kernel
    }
  }

  package init(_ restored: RestorationFacts, of picture: Picture, _ paths: Paths) {
    self.picture = paths.picture
    (width, height, scale) = (picture.width, picture.height, restored.scale)
    result = Result(path: paths.result, width: restored.size.width, height: restored.size.height)
    (contactSheet, network) = (paths.contactSheet, restored.enlarger)
    weights = restored.weights.map { .init(path: $0.path, sha256: $0.sha256) }
    noise = Noise(restored)
    (kernelSource, kernelFile) = (restored.kernel.source, paths.kernel)
    estimate =
      restored.kernel.source == .given
      ? nil : KernelReport(restored.kernel, of: picture, name: paths.picture)
    orientation = .init(exif: picture.orientation, applied: true)
    (seconds, isConfident) = (restored.seconds, restored.kernel.isConfident)
    notes = restored.notes(of: picture)
    trust = restored.trust
  }

  package var summary: String {
    let noise = String(format: noise.isEstimated ? "noise %.1f (estimated)" : "noise %g", noise.level)
    let kernel = isConfident == false ? ", kernel not confident" : ""
    let network = weights == nil && network == "closed form" ? "closed form only" : network
    return
      "\(FileName.shown(picture)): \(width)x\(height) -> \(result.width)x\(result.height), \(network), "
      + "\(noise)\(kernel), \(String(format: "%.2f s", seconds)) -> \(FileName.shown(result.path))"
  }
}
