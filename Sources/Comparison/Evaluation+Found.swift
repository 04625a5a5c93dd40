import BlurKernels
import Estimation
import Foundation
import Restoration
import SuperResolution

/// A kernel that was found for one picture, by a method here or by another tool.
struct FoundKernel {
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
    let candidate: Candidate
    let seed: UInt64
    let steps: Int
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
  let estimate: FoundKernel.Estimation?
}

extension Evaluation {
  /// All kernels of one picture that there are, by row: the methods', then other tools'.
  func kernels(_ bench: Bench, _ pair: Bench.Pair, in ledger: Ledger) -> [(
    row: String, kernels: [FoundKernel]
  )] {
    candidates.map { candidate in
      let all = estimates(of: candidate).compactMap { seed, steps in
        found(by: candidate, seed: seed, steps: steps, of: bench, pair, in: ledger)
      }
      return (candidate.label, all)
    }
      + results.map { results in (results.name, [given(results, of: bench, pair)].compactMap(\.self)) }
  }

  /// Nil where the ledger lacks it.
  func found(
    by candidate: Candidate, seed: UInt64, steps: Int, of bench: Bench, _ pair: Bench.Pair, in ledger: Ledger
  ) -> FoundKernel? {
    guard let record = ledger.kernel(kernelKey(bench, pair, candidate, seed, steps)),
      let kernel = record.kernel
    else { return nil }
    return FoundKernel(
      name: "seed \(seed), \(steps) steps", row: candidate.label, kernel: kernel,
      kernelNoise: enlarging?.kernelNoise(record.kernelNoise, bench.scale) ?? record.kernelNoise,
      isShown: seed == 0 && steps == candidate.steps.last,
      estimate: .init(candidate: candidate, seed: seed, steps: steps, record: record))
  }

  /// Nil where there is none for this picture. As uncertain as kernels of a method that does not say how uncertain they are.
  func given(_ results: GivenResults, of bench: Bench, _ pair: Bench.Pair) -> FoundKernel? {
    results.kernels[.init(bench: bench.name, picture: pair.name)].map { kernel in
      let noise = Estimate.unknownKernelNoise
      return FoundKernel(
        name: "its kernel", row: results.name, kernel: kernel,
        kernelNoise: enlarging?.kernelNoise(noise, bench.scale) ?? noise, isShown: true, estimate: nil)
    }
  }

  /// The pictures of one picture that methods and other tools made themselves, whose files are there or that were measured.
  func ownPictures(_ bench: Bench, _ pair: Bench.Pair, in ledger: Ledger) -> [OwnPicture] {
    let made = candidates.flatMap { candidate in
      estimates(of: candidate).compactMap { seed, steps in
        found(by: candidate, seed: seed, steps: steps, of: bench, pair, in: ledger).flatMap {
          ownPicture(of: $0, pair)
        }
      }
    }
    return made + results.compactMap { given(picture: $0, of: bench, pair) }
  }

  func ownPicture(of kernel: FoundKernel, _ pair: Bench.Pair) -> OwnPicture? {
    guard let estimate = kernel.estimate, estimate.record.hasOwnPicture == true,
      let key = ownPictureKey(pair, of: estimate.record.key)
    else { return nil }
    return OwnPicture(
      row: Self.ownPictureLabel(kernel.row), key: key, path: ownPicturePath(estimate.record.key),
      isShown: kernel.isShown, estimate: estimate)
  }

  func given(picture results: GivenResults, of bench: Bench, _ pair: Bench.Pair) -> OwnPicture? {
    guard let file = results.pictures[.init(bench: bench.name, picture: pair.name)],
      let key = ownPictureKey(pair, of: file.sha256)
    else { return nil }
    return OwnPicture(
      row: Self.ownPictureLabel(results.name), key: key, path: file.path, isShown: true, estimate: nil)
  }

  func estimates(of candidate: Candidate) -> [(seed: UInt64, steps: Int)] {
    (0..<runs).flatMap { seed in candidate.steps.map { (UInt64(seed), $0) } }
  }

  /// What the enlarging is told with a kernel; nil where nothing is enlarged at this setting.
  func told(by found: FoundKernel, _ pair: Bench.Pair, _ noise: NoiseLevel?) -> Told? {
    guard let noise, let level = pair.levels[noise] else { return nil }
    let standing = enlarging?.fidelity.map { _ in found.standing }
    guard noise == .estimated else { return Told(kernel: found.kernel, noise: level, standing: standing) }
    return Told(
      kernel: found.kernel, noise: NoiseRule.combined(picture: level, kernel: found.kernelNoise),
      standing: standing, kernelNoise: standing.map { _ in found.kernelNoise })
  }
}

// MARK: Keys and paths

extension Evaluation {
  func kernelKey(
    _ bench: Bench, _ pair: Bench.Pair, _ candidate: Candidate, _ seed: UInt64, _ steps: Int
  ) -> String {
    KernelKey(
      version: version, picture: pair.lowResolution, scale: bench.scale, candidate, seed: seed, steps: steps
    ).hash
  }

  /// Nil where there is nothing to compare with.
  func imageKey(_ bench: Bench, _ pair: Bench.Pair, _ told: Told?) -> String? {
    guard let enlarging, let original = pair.highResolution else { return nil }
    return ImageKey(
      version: version, picture: pair.lowResolution.sha256, original: original.sha256, scale: bench.scale,
      enlarging: told.map { .init(weights: enlarging.sha256, told: $0) }, fidelity: enlarging.fidelity
    ).hash
  }

  /// - Parameter source: the hash of what the picture is: its file's, or the key of the kernel that it was made with.
  func ownPictureKey(_ pair: Bench.Pair, of source: String) -> String? {
    guard enlarging != nil, let original = pair.highResolution else { return nil }
    return OwnPictureKey(version: version, source: source, original: original.sha256).hash
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

  init(truthOf pair: Bench.Pair, _ noise: NoiseLevel) {
    self.init(kernel: pair.kernel, noise: pair.levels[noise] ?? 0)
  }

  init(kernel: BlurKernel, noise: Double, standing: KernelStanding? = nil, kernelNoise: Double? = nil) {
    (self.kernel, self.noise) = (kernel.values, noise)
    (self.standing, self.kernelNoise) = (standing, kernelNoise)
  }
}
