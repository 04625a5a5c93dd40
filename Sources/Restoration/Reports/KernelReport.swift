import Checkpoints
import Estimation
import Foundation
import Imaging
import Platform

/// What is written about one picture's kernel, as JSON; of a kernel that was given without what only an estimate has.
package struct KernelReport: PictureReport {
  package struct Centre: Encodable, Sendable { let x: Double, y: Double }
  package struct Covariance: Encodable, Sendable { let xx: Double, xy: Double, yy: Double }
  package struct Spread: Encodable, Sendable {
    let covarianceBound: Double, typicalDifference: Double, isSure: Bool
  }
  /// `logRatio`: what an even spread of light leaves unexplained, in shares of what the Gaussian does. The rest is of scale 2.
  package struct Refinement: Encodable, Sendable {
    enum Shape: String, Encodable { case gaussian, even }
    let shape: Shape
    let logRatio: Double
    let departure: Double?, share: Double?, unexplained: Double?

    init(_ outcome: KernelRefinement.Outcome) {
      (shape, logRatio) = (outcome.isRival ? .even : .gaussian, outcome.rivalRatio)
      (departure, share, unexplained) = (outcome.fit?.departure, outcome.fit?.share, outcome.fit?.unexplained)
    }
  }
  package struct Losses: Encodable, Sendable {
    let adversarial: [Float], sumToOne: [Float], discriminator: [Float]
  }
  package struct Weights: Encodable, Sendable {
    package let path: String, sha256: String

    init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }

    init(_ checkpoint: Checkpoint) { self.init(path: checkpoint.path, sha256: checkpoint.sha256) }

    fileprivate var withoutFolder: Self { Self(path: FileName.last(path), sha256: sha256) }
  }
  package struct Orientation: Encodable, Sendable { let exif: Int?, applied: Bool }
  package struct Files: Encodable, Sendable {
    private(set) var npy: String?, mat: String?, png: String?, json: String?

    subscript(format: KernelFiles.Format) -> String? {
      get {
        switch format {
        case .npy: npy
        case .mat: mat
        case .png: png
        case .json: json
        }
      }
      set {
        switch format {
        case .npy: npy = newValue
        case .mat: mat = newValue
        case .png: png = newValue
        case .json: json = newValue
        }
      }
    }
  }

  package let picture: String
  let width: Int, height: Int
  let scale: Int
  /// Rows of the kernel, a cross-correlation kernel.
  let kernel: [[Double]]
  let kernelSource: FoundKernel.Source
  let sum: Double
  let centreOfMass: Centre
  let covariance: Covariance
  let losses: Losses?
  let method: String?
  let mode: String?
  let steps: Int?
  let seed: UInt64?
  /// Seconds that the estimate took.
  let seconds: Double?
  /// Nil for a method that starts from nothing.
  package private(set) var checkpoint: Weights?
  /// Checkpoints whose predicted kernels were averaged with the checkpoint's; nil where there are none.
  private(set) var averagedWith: [Weights]?
  /// The generator and discriminator that were adapted, where they come from another file than the checkpoint.
  private(set) var networks: Weights?
  let orientation: Orientation
  /// For a predicted kernel.
  let spread: Spread?
  /// Set where the kernel was compared with others than the predicted Gaussian.
  let refinement: Refinement?
  package let notes: [String]
  var files = Files()

  /// - Parameter name: the picture's, as reports call it.
  package init(_ found: FoundKernel, of picture: Picture, name: String) {
    let (kernel, estimation) = (found.kernel, found.estimation)
    let estimate = estimation?.estimate
    self.picture = name
    (width, height, scale) = (picture.width, picture.height, found.scale)
    self.kernel = (0..<kernel.side).map { row in (0..<kernel.side).map { kernel[row, $0] } }
    (kernelSource, sum) = (found.source, kernel.sum)
    centreOfMass = Centre(x: kernel.centreOfMass.x, y: kernel.centreOfMass.y)
    covariance = Covariance(xx: kernel.covariance.xx, xy: kernel.covariance.xy, yy: kernel.covariance.yy)
    losses = (estimate?.losses).map { losses in
      Losses(
        adversarial: losses.map(\.adversarial), sumToOne: losses.map(\.sumToOne),
        discriminator: losses.map(\.discriminator))
    }
    (method, mode, steps) = (estimation?.method, estimation?.mode, estimation?.steps)
    (seed, seconds) = (estimation?.seed, estimation?.seconds)
    checkpoint = (estimate?.start).map(Weights.init)
    averagedWith = estimate.flatMap { $0.averagedWith.isEmpty ? nil : $0.averagedWith.map(Weights.init) }
    networks = (estimate?.networks).map(Weights.init)
    orientation = Orientation(exif: picture.orientation, applied: false)
    spread = (estimate?.spread).map {
      Spread(
        covarianceBound: $0.covarianceBound, typicalDifference: $0.typicalDifference, isSure: $0.isConfident)
    }
    refinement = (estimate?.refinement).map(Refinement.init)
    notes = picture.notes + found.notes
  }

  /// With the names of files but not their folders, for those who need not know where they lie.
  package func withoutFolders() -> KernelReport {
    var report = self
    report.checkpoint = checkpoint?.withoutFolder
    report.averagedWith = averagedWith?.map(\.withoutFolder)
    report.networks = networks?.withoutFolder
    return report
  }

  package var summary: String {
    func short(_ value: Double) -> String { String(format: "%.2f", value) }
    let covariance = "xx \(short(covariance.xx)), xy \(short(covariance.xy)), yy \(short(covariance.yy))"
    let written = KernelFiles.Format.allCases.compactMap { format in files[format].map { (format, $0) } }
    let first = written.first?.1
    let stem = first.map { FileName.joined(FileName.folder(of: $0), FileName.stem($0)) } ?? "nothing"
    let formats = written.map(\.0.rawValue).joined(separator: ",")
    return
      "\(FileName.shown(picture)): \(kernel.count)x\(kernel.count) kernel, sum \(String(format: "%.4f", sum)), "
      + "covariance \(covariance), \(confidence)\(short(seconds ?? 0)) s -> \(FileName.shown(stem)).{\(formats)}"
  }

  private var confidence: String { spread.map { $0.isSure ? "" : "not confident, " } ?? "" }
}
