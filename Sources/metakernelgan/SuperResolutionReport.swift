import BlurKernels
import Foundation
import Imaging
import SuperResolution

/// What is written about one enlarged picture, as JSON.
struct SuperResolutionReport: PictureReport {
  struct Result: Encodable { let path: String, width: Int, height: Int }
  struct Noise: Encodable { let level: Double, isEstimated: Bool }

  let picture: String
  let width: Int, height: Int
  let scale: Int
  /// Upright, whatever the picture's EXIF orientation.
  let result: Result
  let contactSheet: String?
  let network: String
  let weights: KernelReport.Weights?
  /// Standard deviation in 8-bit levels.
  let noise: Noise
  let kernelFile: String?
  /// Where the kernel was not brought along.
  let estimate: KernelReport?
  let orientation: KernelReport.Orientation
  let seconds: Double
  let notes: [String]

  var summary: String {
    let noise = String(format: noise.isEstimated ? "noise %.1f (estimated)" : "noise %g", noise.level)
    let time = String(format: "%.2f s", seconds)
    return
      "\(picture): \(width)x\(height) -> \(result.width)x\(result.height), \(network), \(noise), \(time) -> "
      + "\(result.path)"
  }
}
