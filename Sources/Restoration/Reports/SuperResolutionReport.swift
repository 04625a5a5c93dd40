import Foundation
import Imaging
import Platform

/// What is written about one enlarged picture, as JSON.
package struct SuperResolutionReport: PictureReport {
  package struct Result: Encodable, Sendable { let path: String, width: Int, height: Int }
  package struct Noise: Encodable, Sendable {
    let level: Double, isEstimated: Bool

    init(_ restored: RestoredPicture) { (level, isEstimated) = (restored.noise, restored.isNoiseEstimated) }
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
  let kernelSource: FoundKernel.Source
  let kernelFile: String?
  /// Where the kernel was not brought along.
  let estimate: KernelReport?
  let orientation: KernelReport.Orientation
  let seconds: Double
  package let notes: [String]
  private let isConfident: Bool?

  private enum CodingKeys: String, CodingKey {
    case picture, width, height, scale, result, contactSheet, network, weights, noise, kernelSource,
      kernelFile
    case estimate, orientation, seconds, notes
  }

  /// Where a result came from and went to.
  package struct Paths: Sendable {
    package let picture: String, result: String, contactSheet: String?, kernel: String?, weights: String?

    package init(
      picture: String, result: String, contactSheet: String?, kernel: String?, weights: String?
    ) {
      (self.picture, self.result, self.contactSheet) = (picture, result, contactSheet)
      (self.kernel, self.weights) = (kernel, weights)
    }
  }

  /// - Parameter weightsHash: of the file of the enlarger's weights; nil for the closed form.
  package init(_ restored: RestoredPicture, of picture: Picture, _ paths: Paths, weightsHash: String?) {
    self.picture = paths.picture
    (width, height, scale) = (picture.width, picture.height, restored.scale)
    result = Result(path: paths.result, width: restored.picture.width, height: restored.picture.height)
    (contactSheet, network) = (paths.contactSheet, restored.enlarger)
    weights = paths.weights.flatMap { path in weightsHash.map { .init(path: path, sha256: $0) } }
    noise = Noise(restored)
    (kernelSource, kernelFile) = (restored.kernel.source, paths.kernel)
    estimate =
      restored.kernel.source == .given
      ? nil : KernelReport(restored.kernel, of: picture, name: paths.picture)
    orientation = .init(exif: picture.orientation, applied: true)
    (seconds, isConfident) = (restored.seconds, restored.kernel.isConfident)
    notes = picture.notes + restored.kernel.notes
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
