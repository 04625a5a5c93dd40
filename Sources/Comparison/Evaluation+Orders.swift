import BlurKernels
import Foundation

extension Evaluation {
  /// Kernels that the ledger lacks; large pictures first, so that no core is left alone with one at the end.
  public func missingKernels(in ledger: Ledger) -> [Order] {
    largestFirst { bench, pair in
      candidates.compactMap { candidate in
        let wanted = estimates(of: candidate).compactMap { seed, steps -> EstimateOrder.Wanted? in
          let key = kernelKey(bench, pair, candidate, seed, steps)
          guard isMissing(key, pair, in: ledger) else { return nil }
          return .init(key: key, seed: seed, steps: steps, ownPicture: ownPicturePath(key))
        }
        guard !wanted.isEmpty else { return nil }
        return .estimate(
          EstimateOrder(
            name: "\(bench.name)/\(pair.name), \(candidate.label)", row: candidate.label,
            picture: pair.lowResolution.path, region: pair.region, pixels: pair.pixels, scale: bench.scale,
            method: candidate.method, options: candidate.options, wanted: wanted))
      }
    }
  }

  /// A kernel whose method made a picture as well counts as missing where that picture is gone before it was compared.
  private func isMissing(
    _ key: String, _ pair: Bench.Pair, in ledger: Ledger
  ) -> Bool {
    guard let record = ledger.kernel(key) else { return true }
    guard record.hasOwnPicture == true, let picture = ownPictureKey(pair, of: key) else { return false }
    return ledger.image(picture) == nil && !exists(ownPicturePath(key))
  }

  /// Enlargements and comparisons that the ledger lacks, of the kernels and pictures that there are.
  public func missingImages(in ledger: Ledger) -> [Order] {
    guard enlarging != nil else { return [] }
    return largestFirst { bench, pair in
      enlargements(bench, pair, in: ledger) + comparisons(bench, pair, in: ledger)
    }
  }

  private func enlargements(_ bench: Bench, _ pair: Bench.Pair, in ledger: Ledger) -> [Order] {
    guard let enlarging, let original = pair.highResolution else { return [] }
    return shown(bench, pair, in: ledger).compactMap { row, shown in
      var seen: Set<String> = []
      let wanted = shown.compactMap { one -> EnlargeOrder.Wanted? in
        guard let key = imageKey(bench, pair, one.told), seen.insert(key).inserted else { return nil }
        let crop = one.isShown ? cropPath(key) : nil
        guard ledger.image(key) == nil || !(crop.map(exists) ?? true) else { return nil }
        return .init(key: key, of: one.name, told: one.told, crop: crop)
      }
      guard !wanted.isEmpty else { return nil }
      return .enlarge(
        EnlargeOrder(
          name: "\(bench.name)/\(pair.name), \(row)", picture: pair.lowResolution.path,
          original: original.path, region: pair.region, pixels: pair.pixels, scale: bench.scale,
          weights: enlarging.weights, fidelity: enlarging.fidelity, wanted: wanted))
    }
  }

  private func comparisons(_ bench: Bench, _ pair: Bench.Pair, in ledger: Ledger) -> [Order] {
    guard let original = pair.highResolution else { return [] }
    let wanted = ownPictures(bench, pair, in: ledger).compactMap { one -> CompareOrder.Wanted? in
      let crop = one.isShown ? cropPath(one.key) : nil
      guard ledger.image(one.key) == nil || !(crop.map(exists) ?? true), exists(one.path) else { return nil }
      return .init(key: one.key, of: one.row, picture: one.path, crop: crop)
    }
    guard !wanted.isEmpty else { return [] }
    return [
      .compare(
        CompareOrder(
          name: "\(bench.name)/\(pair.name), own pictures", original: original.path,
          region: pair.region, scale: bench.scale, wanted: wanted))
    ]
  }

  /// What is enlarged of one picture: nothing but the picture (bicubic), kernels found, the true kernel.
  private func shown(
    _ bench: Bench, _ pair: Bench.Pair, in ledger: Ledger
  ) -> [(row: String, [(name: String, told: Told?, isShown: Bool)])] {
    let found = kernels(bench, pair, in: ledger).map { row, kernels in
      let all = kernels.flatMap { kernel in
        bench.noises.compactMap { noise in
          told(by: kernel, pair, noise).map {
            (name: kernel.name, told: Optional($0), isShown: kernel.isShown)
          }
        }
      }
      return (row: row, all)
    }
    let truth = bench.noises.map { noise in
      (name: "true kernel", told: Optional(Told(truthOf: pair, noise)), isShown: true)
    }
    return [(Row.bicubic, [("bicubic", nil, true)])] + found + [(Row.trueKernel, truth)]
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func largestFirst(_ orders: (Bench, Bench.Pair) -> [Order]) -> [Order] {
    let all = benches.flatMap { bench in bench.pairs.map { (bench, $0) } }
    return all.sorted { $0.1.pixels > $1.1.pixels }.flatMap { orders($0.0, $0.1) }
  }
}
