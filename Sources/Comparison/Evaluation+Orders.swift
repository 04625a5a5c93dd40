import BlurKernels
import Foundation
import Restoration

extension Evaluation {
  /// Kernels that the ledger lacks; large pictures first, so that no core is left alone with one at the end.
  public func missingKernels(in ledger: Ledger) -> [Order] {
    largestFirst { bench, pair in
      candidates.compactMap { candidate in
        let wanted = estimates(of: candidate).compactMap { seed, steps -> EstimateOrder.Wanted? in
          let key = kernelKey(bench, pair, candidate, seed, steps)
          return ledger.kernel(key) == nil ? .init(key: key, seed: seed, steps: steps) : nil
        }
        guard !wanted.isEmpty else { return nil }
        return .estimate(
          EstimateOrder(
            name: "\(bench.name)/\(pair.name), \(candidate.label)", picture: pair.lowResolution.path,
            scale: bench.scale, method: candidate.method, options: candidate.options, wanted: wanted))
      }
    }
  }

  /// Enlargements that the ledger lacks, of the kernels that it has.
  public func missingImages(in ledger: Ledger) -> [Order] {
    guard let enlarging else { return [] }
    return largestFirst { bench, pair in
      shown(bench, pair, ledger).compactMap { row, shown in
        var seen: Set<String> = []
        let wanted = shown.compactMap { one -> EnlargeOrder.Wanted? in
          guard let key = imageKey(bench, pair, one.told), seen.insert(key).inserted else { return nil }
          let crop = one.isFirst ? cropPath(key) : nil
          let isThere = crop.map { FileManager.default.fileExists(atPath: $0) } ?? true
          guard ledger.image(key) == nil || !isThere else { return nil }
          return .init(key: key, of: one.name, told: one.told, crop: crop)
        }
        guard !wanted.isEmpty, let original = pair.highResolution else { return nil }
        return .enlarge(
          EnlargeOrder(
            name: "\(bench.name)/\(pair.name), \(row)", picture: pair.lowResolution.path,
            original: original.path, scale: bench.scale, weights: enlarging.weights,
            fidelity: enlarging.fidelity, wanted: wanted))
      }
    }
  }

  /// What is enlarged of one picture: nothing but the picture (bicubic), kernels found, the true kernel.
  private func shown(
    _ bench: Bench, _ pair: Bench.Pair, _ ledger: Ledger
  ) -> [(row: String, [(name: String, told: Told?, isFirst: Bool)])] {
    let found = candidates.map { candidate in
      let kernels = estimates(of: candidate).compactMap { seed, steps in
        ledger.kernel(kernelKey(bench, pair, candidate, seed, steps)).flatMap {
          told(by: $0, bench: bench, pair: pair)
        }.map {
          (
            name: "seed \(seed), \(steps) steps", told: Optional($0),
            isFirst: seed == 0 && steps == candidate.steps.last
          )
        }
      }
      return (row: candidate.label, kernels)
    }
    return [(Row.bicubic, [("bicubic", nil, true)])] + found
      + [(Row.trueKernel, [("true kernel", Told(truthOf: pair), true)])]
  }

  func estimates(of candidate: Candidate) -> [(seed: UInt64, steps: Int)] {
    (0..<runs).flatMap { seed in candidate.steps.map { (UInt64(seed), $0) } }
  }

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

  /// What the enlarging is told with a kernel that was found; nil where none was.
  func told(by record: KernelRecord, bench: Bench, pair: Bench.Pair) -> Told? {
    guard let kernel = record.kernel else { return nil }
    guard pair.allowsForKernel else { return Told(kernel: kernel, noise: pair.noise) }
    let level = enlarging?.kernelNoise(record.kernelNoise, bench.scale) ?? record.kernelNoise
    return Told(
      kernel: enlarging?.fidelity?.kernel(kernel, share: pair.kernelShare) ?? kernel,
      noise: NoiseRule.combined(picture: pair.noise, kernel: level))
  }

  func cropPath(_ key: String) -> String {
    URL(filePath: crops).appending(path: "\(key.prefix(32)).png").path
  }

  private func largestFirst(_ orders: (Bench, Bench.Pair) -> [Order]) -> [Order] {
    let all = benches.flatMap { bench in bench.pairs.map { (bench, $0) } }
    return all.sorted { $0.1.pixels > $1.1.pixels }.flatMap { orders($0.0, $0.1) }
  }
}

/// What the enlarging is told of a picture.
public struct Told: Codable, Sendable {
  /// Row by row.
  public let kernel: [Double]
  /// In 8-bit levels.
  public let noise: Double

  init(truthOf pair: Bench.Pair) { (kernel, noise) = (pair.kernel.values, pair.noise) }

  init(kernel: BlurKernel, noise: Double) { (self.kernel, self.noise) = (kernel.values, noise) }
}
