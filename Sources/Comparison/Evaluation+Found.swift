import BlurKernels
import Estimation
import Foundation
import Restoration
import SuperResolution

/// A kernel that was found for one picture, by a method here or by another tool.
struct ComparedKernel {
  /// For messages.
  let name: String
  /// The row without its noise setting.
  let row: String
  let kernel: BlurKernel
  /// What the kernel's uncertainty counts for as image noise, in 8-bit levels.
  let kernelNoise: Double
  /// Whether pages show it: a method's first run at its last number of steps.
  let isShown: Bool
  /// How it was estimated; nil where it was given.
  let estimate: Estimation?

  /// How well it is known; nothing is of other tools' kernels.
  var standing: KernelStanding { estimate?.record.standing ?? .unknown }

  struct Estimation {
    let run: MethodRun
    let record: KernelRecord
  }
}

/// An enlarged picture that a method made together with its kernel, or that another tool made.
struct OwnPicture {
  let row: String
  /// The key of its measurement in the ledger.
  let key: String
  let path: String
  let isShown: Bool
  /// How it was made; nil where it was given.
  let estimate: ComparedKernel.Estimation?
}

extension Evaluation {
  /// All kernels of one picture that there are, by row: the methods', then other tools'.
  func kernels(of subject: Subject, in ledger: Ledger) -> [(row: String, kernels: [ComparedKernel])] {
    methods.map { method in
      (method.label, runs(of: method).compactMap { found(by: $0, of: subject, in: ledger) })
    } + results.map { results in (results.name, [given(by: results, of: subject)].compactMap(\.self)) }
  }

  /// Nil where the ledger lacks it.
  func found(by run: MethodRun, of subject: Subject, in ledger: Ledger) -> ComparedKernel? {
    guard let record = ledger.kernel(kernelKey(of: subject, by: run)), let kernel = record.kernel else {
      return nil
    }
    return ComparedKernel(
      name: "seed \(run.seed), \(run.steps) steps", row: run.method.label, kernel: kernel,
      kernelNoise: enlarging?.kernelNoise(record.kernelNoise, subject.bench.scale) ?? record.kernelNoise,
      isShown: run.seed == 0 && run.steps == run.method.steps.last,
      estimate: .init(run: run, record: record))
  }

  /// Nil where there is none for this picture. As uncertain as kernels of a method that does not say how uncertain they are.
  func given(by results: GivenResults, of subject: Subject) -> ComparedKernel? {
    results.kernels[subject.place].map { kernel in
      let noise = Estimate.unknownKernelNoise
      return ComparedKernel(
        name: "its kernel", row: results.name, kernel: kernel,
        kernelNoise: enlarging?.kernelNoise(noise, subject.bench.scale) ?? noise, isShown: true, estimate: nil
      )
    }
  }

  /// The pictures of one picture that methods and other tools made themselves, whose files are there or that were measured.
  func ownPictures(of subject: Subject, in ledger: Ledger) -> [OwnPicture] {
    let made = methods.flatMap { method in
      runs(of: method).compactMap { run in
        found(by: run, of: subject, in: ledger).flatMap { ownPicture(madeWith: $0, of: subject) }
      }
    }
    return made + results.compactMap { ownPicture(givenBy: $0, of: subject) }
  }

  func ownPicture(madeWith kernel: ComparedKernel, of subject: Subject) -> OwnPicture? {
    guard let estimate = kernel.estimate, estimate.record.hasOwnPicture == true,
      let key = ownPictureKey(of: subject, from: estimate.record.key)
    else { return nil }
    return OwnPicture(
      row: Self.ownPictureLabel(kernel.row), key: key, path: ownPicturePath(estimate.record.key),
      isShown: kernel.isShown, estimate: estimate)
  }

  func ownPicture(givenBy results: GivenResults, of subject: Subject) -> OwnPicture? {
    guard let file = results.pictures[subject.place],
      let key = ownPictureKey(of: subject, from: file.sha256)
    else { return nil }
    return OwnPicture(
      row: Self.ownPictureLabel(results.name), key: key, path: file.path, isShown: true, estimate: nil)
  }

  /// The runs of a method that are wanted of each picture.
  func runs(of method: ComparedMethod) -> [MethodRun] {
    (0..<runs).flatMap { seed in
      method.steps.map { MethodRun(method: method, seed: UInt64(seed), steps: $0) }
    }
  }

  /// What the enlarging is told with a kernel; nil where nothing is enlarged at this setting.
  func told(by found: ComparedKernel, of subject: Subject, noise: NoiseLevel?) -> Told? {
    guard let noise, let level = subject.pair.levels[noise] else { return nil }
    let standing = enlarging?.fidelity.map { _ in found.standing }
    guard noise == .estimated else { return Told(kernel: found.kernel, noise: level, standing: standing) }
    return Told(
      kernel: found.kernel, noise: NoiseRule.combined(picture: level, kernel: found.kernelNoise),
      standing: standing, kernelNoise: standing.map { _ in found.kernelNoise })
  }
}

// MARK: Keys and paths

extension Evaluation {
  func kernelKey(of subject: Subject, by run: MethodRun) -> String {
    KernelKey(
      version: version, picture: subject.pair.lowResolution, region: subject.pair.region,
      scale: subject.bench.scale, method: run.method, seed: run.seed, steps: run.steps
    ).hash
  }

  /// Nil where there is nothing to compare with.
  ///
  /// - Parameter told: nil for bicubic interpolation.
  func imageKey(of subject: Subject, told: Told?) -> String? {
    guard let enlarging, let original = subject.pair.highResolution else { return nil }
    return ImageKey(
      version: version, picture: subject.pair.lowResolution.sha256, original: original.sha256,
      region: subject.pair.region, scale: subject.bench.scale,
      enlarging: told.map { .init(weights: enlarging.sha256, told: $0) }, fidelity: enlarging.fidelity
    ).hash
  }

  /// - Parameter source: the hash of what the picture is: its file's, or the key of the kernel that it was made with.
  func ownPictureKey(of subject: Subject, from source: String) -> String? {
    guard enlarging != nil, let original = subject.pair.highResolution else { return nil }
    return OwnPictureKey(
      version: version, source: source, original: original.sha256, region: subject.pair.region
    ).hash
  }

  func cropPath(_ key: String) -> String { pagePath("\(key.prefix(32)).png") }

  /// Where the picture is kept that a method made together with a kernel.
  func ownPicturePath(_ kernelKey: String) -> String { pagePath("own-\(kernelKey.prefix(32)).png") }

  private func pagePath(_ name: String) -> String { URL(filePath: crops).appending(path: name).path }
}

/// What the enlarging is told of a picture.
public struct Told: Codable, Sendable {
  /// Row by row.
  public let kernel: [Double]
  /// In 8-bit levels.
  public let noise: Double

  /// How well the kernel is known; nil for one that is right, and where every result is kept as it is.
  let standing: KernelStanding?
  /// What the kernel's uncertainty counts for as noise where the level is the plan's to decide (`EnlargingPlan`); nil where it
  /// is used as it is.
  let kernelNoise: Double?

  init(truthOf pair: Bench.Pair, noise: NoiseLevel) {
    self.init(kernel: pair.kernel, noise: pair.levels[noise] ?? 0)
  }

  init(kernel: BlurKernel, noise: Double, standing: KernelStanding? = nil, kernelNoise: Double? = nil) {
    (self.kernel, self.noise) = (kernel.values, noise)
    (self.standing, self.kernelNoise) = (standing, kernelNoise)
  }
}
