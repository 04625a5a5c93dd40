import Benches
import BlurKernels
import Comparison
import Estimation
import Foundation
import Imaging
import Numerics

/// Measures every method on one drawn picture, each in a process of its own.
final class MethodsBench {
  private let folder: BenchFolder
  private let picture: String
  private let size: PictureSize
  private let scale: Int
  private let child: MeasuringChild

  /// - Parameter size: of the low-resolution picture, which is drawn and blurred by a Gaussian.
  init(_ folder: BenchFolder, size: PictureSize, scale: Int) throws {
    (self.folder, self.size, self.scale) = (folder, size, scale)
    var random = Philox(key: 3)
    let (width, height) = (scale * size.width, scale * size.height)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    let gaussian = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 3, theta: 0.5)
    let kernel = try scale == 4 ? gaussian.x4() : gaussian
    picture = folder.path("low.png")
    try kernel.degrade(Picture(width: width, height: height, rgb: rgb), scale: scale).writePNG(picture)
    child = MeasuringChild(folder: URL(filePath: folder.path))
  }

  /// - Parameters:
  ///   - methods: to be measured, in this order.
  ///   - limit: the most steps of a method that are made; the table says where seconds are extrapolated from them.
  func measure(
    _ methods: [any EstimationMethod.Type], limit: Int?, onMethod: (String) -> Void
  ) -> MethodCosts {
    let lines = methods.map { type in
      onMethod(type.name)
      return measure(type, limit: limit)
    }
    return MethodCosts(width: size.width, height: size.height, scale: scale, lines: lines)
  }

  private func measure(_ type: any EstimationMethod.Type, limit: Int?) -> MethodCosts.Line {
    var all = 0
    var seconds: [Int: Double] = [:]
    var megabytes: Double?
    var failure: String?
    do {
      all = try type.init(MethodOptions()).steps
      let most = min(all, limit ?? all)
      // The last half tells what a step takes, without what comes before the first.
      let steps = most < all && most > 1 ? [most / 2, most] : [most]
      let task = EstimationTask(
        measuring: type.name, options: MethodOptions(), steps: steps, picture: picture, pixels: size.pixels,
        scale: scale, ownPicture: folder.path("own.png"))
      try child.measure(.estimate(task)) { outcome in
        switch outcome {
        case .kernel(let record):
          (seconds[Int(record.key) ?? 0], megabytes) = (record.seconds, record.megabytes)
        case .failure(let reason): failure = reason
        case .image: break
        }
      }
    } catch { failure = "\(error)" }
    return .init(
      method: type.name, allSteps: all, seconds: seconds, megabytes: megabytes, failure: failure)
  }
}
