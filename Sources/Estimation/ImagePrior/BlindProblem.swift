import BlurKernels
import Imaging
import Layers
import SuperResolution

/// A low-resolution picture whose kernel and large picture are sought together: its samples, the sizes, and the crop.
struct BlindProblem {
  let scale: Int
  /// The kernel's: 11 at scale 2, 21 at scale 4.
  let side: Int
  /// In [0, 1].
  let target: Raster
  /// What is worked on: the whole picture or its central part.
  private let given: Picture
  private let isCropped: Bool

  /// - Parameters:
  ///   - crop: the side of the central part to work on, in pixels of the large picture; nil for all.
  ///   - least: the least side of a large picture that the network takes.
  ///   - method: for the error's text.
  /// - Throws: `EstimationError.tooSmall`.
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

  func blurring(_ border: Blurring.Border, in workspace: Workspace) -> Blurring {
    Blurring(
      side: side, scale: scale, height: target.height, width: target.width, border: border, workspace.unit)
  }

  /// Makes the iterations of a fit with all that `EstimationMethod.estimate` promises of them.
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

  /// The large picture as a file holds it: of the given one's depth, grey where that is grey.
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

/// Kernel and picture on the way to explaining a problem's low-resolution picture.
protocol BlindFit: AnyObject {
  /// One iteration.
  func advance()
  /// (side, side), a cross-correlation kernel.
  var kernel: [Float] { get }
  /// The large picture, in [0, 1].
  var picture: Raster { get }
}

/// The options that methods with an image prior follow: the number of steps, and the crop.
struct ImagePriorOptions {
  let steps: Int
  let crop: Int?

  /// - Throws: `EstimationError.notFollowed` where anything else is set.
  init(_ options: MethodOptions, of method: String, usualSteps: Int) throws(EstimationError) {
    let others = options.named.filter { $0 != "--steps" && $0 != "--crop" }
    guard others.isEmpty else { throw .notFollowed(method: method, options: others) }
    (steps, crop) = (options.steps ?? usualSteps, options.crop)
  }
}
