import BlurKernels
import Checkpoints
import Estimation
import Foundation
import Imaging
import SuperResolution

/// What is written about one picture's kernel, as JSON.
struct KernelReport: PictureReport {
  struct Centre: Encodable { let x: Double, y: Double }
  struct Covariance: Encodable { let xx: Double, xy: Double, yy: Double }
  struct Spread: Encodable { let covarianceBound: Double, typicalDifference: Double, isSure: Bool }
  /// `logRatio`: what an even spread of light leaves unexplained, in shares of what the Gaussian does. The rest is of scale 2.
  struct Refinement: Encodable {
    enum Shape: String, Encodable { case gaussian, even }
    let shape: Shape
    let logRatio: Double
    let departure: Double?, share: Double?, unexplained: Double?

    init(_ outcome: KernelRefinement.Outcome) {
      (shape, logRatio) = (outcome.isRival ? .even : .gaussian, outcome.rivalRatio)
      (departure, share, unexplained) = (outcome.fit?.departure, outcome.fit?.share, outcome.fit?.unexplained)
    }
  }
  struct Losses: Encodable { let adversarial: [Float], sumToOne: [Float], discriminator: [Float] }
  struct Weights: Encodable { let path: String, sha256: String }
  struct Orientation: Encodable { let exif: Int?, applied: Bool }
  struct Files: Encodable { var npy: String?, mat: String?, png: String?, json: String? }

  let picture: String
  let width: Int, height: Int
  let scale: Int
  /// Rows of the kernel, a cross-correlation kernel.
  let kernel: [[Double]]
  let sum: Double
  let centreOfMass: Centre
  let covariance: Covariance
  let losses: Losses
  let method: String
  let mode: String?
  let steps: Int
  let seed: UInt64
  let seconds: Double
  /// Nil for a method that starts from nothing.
  var checkpoint: Weights?
  /// Checkpoints whose predicted kernels were averaged with the checkpoint's; nil where there are none.
  var averagedWith: [Weights]?
  /// The generator and discriminator that were adapted, where they come from another file than the checkpoint.
  var networks: Weights?
  let orientation: Orientation
  /// For a predicted kernel.
  let spread: Spread?
  /// Set where the kernel was compared with others than the predicted Gaussian.
  let refinement: Refinement?
  let notes: [String]
  var files = Files()

  init(
    _ name: String, _ picture: Picture, _ found: Estimate, scale: Int, _ method: any EstimationMethod,
    seed: UInt64, seconds: Double
  ) {
    let kernel = found.kernel
    self.picture = name
    (width, height, self.scale) = (picture.width, picture.height, scale)
    self.kernel = (0..<kernel.side).map { row in (0..<kernel.side).map { kernel[row, $0] } }
    sum = kernel.sum
    centreOfMass = Centre(x: kernel.centreOfMass.x, y: kernel.centreOfMass.y)
    covariance = Covariance(xx: kernel.covariance.xx, xy: kernel.covariance.xy, yy: kernel.covariance.yy)
    self.losses = Losses(
      adversarial: found.losses.map(\.adversarial), sumToOne: found.losses.map(\.sumToOne),
      discriminator: found.losses.map(\.discriminator))
    (self.method, mode) = (type(of: method).name, method.mode?.rawValue)
    (steps, self.seed, self.seconds) = (method.steps, seed, seconds)
    checkpoint = found.start.map(Weights.init)
    averagedWith = found.averagedWith.isEmpty ? nil : found.averagedWith.map(Weights.init)
    networks = found.networks.map(Weights.init)
    orientation = Orientation(exif: picture.orientation, applied: false)
    spread = found.spread.map {
      Spread(
        covarianceBound: $0.covarianceBound, typicalDifference: $0.typicalDifference, isSure: $0.isConfident)
    }
    refinement = found.refinement.map(Refinement.init)
    notes = picture.notes + found.notes + (found.spread?.doubts ?? [])
  }

  var summary: String {
    func short(_ value: Double) -> String { String(format: "%.2f", value) }
    let covariance = "xx \(short(covariance.xx)), xy \(short(covariance.xy)), yy \(short(covariance.yy))"
    let written = [files.npy, files.mat, files.png, files.json].compactMap { $0 }.map { URL(filePath: $0) }
    let stem = written.first?.deletingPathExtension().relativePath ?? "nothing"
    let formats = written.map(\.pathExtension).joined(separator: ",")
    return
      "\(picture): \(kernel.count)x\(kernel.count) kernel, sum \(String(format: "%.4f", sum)), covariance \(covariance), "
      + "\(short(seconds)) s -> \(stem).{\(formats)}"
  }
}

extension KernelReport.Weights {
  init(_ checkpoint: Checkpoint) { self.init(path: checkpoint.path, sha256: checkpoint.sha256) }

  var withoutFolder: Self { Self(path: URL(filePath: path).lastPathComponent, sha256: sha256) }
}
