import BlurKernels
import Imaging
import Layers
import SuperResolution

/// A low-resolution picture whose kernel and enlarged picture are estimated together: its samples, the sizes, and the
/// crop.
struct BlindProblem {
  let scale: Int
  /// The side of the kernel: 11 at scale 2, 21 at scale 4.
  let side: Int
  /// The picture that is worked on, (3, height, width), values in [0, 1].
  let target: Raster
  /// The whole picture or its central part, as stored.
  private let given: Picture
  private let isCropped: Bool

  /// - Parameters:
  ///   - crop: the side of the central part to work on, in pixels of the large picture; nil for the whole picture.
  ///   - least: the least side of a large picture that the network takes, in pixels.
  ///   - method: the method's name, for the error's text.
  /// - Throws: `EstimationError.tooSmall` where the picture is smaller than `least` or than the window of SSIM.
  init(
    _ picture: Picture, scale: Int, crop: Int?, least: Int, method: String
  ) throws(EstimationError) {
    let needed = max(Dissimilarity.side, (least + scale - 1) / scale)
    guard min(picture.width, picture.height) >= needed else {
      throw .tooSmall(method: method, width: picture.width, height: picture.height, least: needed)
    }
    let most = max(crop.map { $0 / scale } ?? .max, needed)
    let part = PicturePart(centreOf: picture.size, atMost: most)
    isCropped = part.size != picture.size
    given = picture.part(part)
    (self.scale, side) = (scale, BlurKernel.side(scale: scale))
    target = Raster(height: part.height, width: part.width)
    given.patch(top: 0, left: 0, height: part.height, width: part.width, into: target.pointer)
  }

  var largeHeight: Int { scale * target.height }
  var largeWidth: Int { scale * target.width }

  /// The blur from the large picture to the target.
  func blurring(_ border: Blurring.Border, in workspace: Workspace) -> Blurring {
    Blurring(
      side: side, scale: scale, height: target.height, width: target.width, border: border, workspace.unit)
  }

  /// Makes the iterations of a fit, with the recording and the calls that `EstimationMethod.estimate` promises.
  /// - Throws: `EstimationError.notFinite` where the kernel is not finite, and what `onStep` throws.
  func estimate(
    by fit: some BlindFit, steps: Int, recording: [Int], onStep: (Int) throws(EstimationError) -> Void
  ) throws(EstimationError) -> Estimate {
    let recorded = try StepLoop.run(
      steps, recording: recording, onStep: onStep, advance: { _ in fit.advance() },
      kernel: { done throws(EstimationError) in try kernel(of: fit, after: done) })
    var estimate = Estimate(kernel: try kernel(of: fit, after: steps), losses: [], recorded: recorded)
    if isCropped {
      estimate.notes.append("found from the central \(given.width)x\(given.height) pixels alone (--crop)")
    } else {
      estimate.ownPicture = large(fit.picture)
    }
    return estimate
  }

  private func kernel(of fit: some BlindFit, after steps: Int) throws(EstimationError) -> BlurKernel {
    let values = fit.kernel.map(Double.init)
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(steps: steps) }
    return BlurKernel(side: side, values: values)
  }

  /// The large picture with the depth of the given one, and grey where that is grey.
  private func large(_ raster: Raster) -> Picture {
    let planes = Planes(width: largeWidth, height: largeHeight)
    for channel in 0..<3 {
      planes.plane(channel).update(from: raster.row(0, channel), count: largeWidth * largeHeight)
    }
    var canvas = Canvas(width: largeWidth, height: largeHeight, like: given)
    canvas.fill(rows: 0..<largeHeight, columns: 0..<largeWidth, from: planes, top: 0, left: 0)
    return canvas.picture
  }
}

/// The state of a joint fit of kernel and large picture to a problem's low-resolution picture.
protocol BlindFit: AnyObject {
  /// Makes one iteration.
  func advance()
  /// The current kernel, (side, side), a cross-correlation kernel.
  var kernel: [Float] { get }
  /// The current large picture, (3, scale height, scale width), values in [0, 1].
  var picture: Raster { get }
}
