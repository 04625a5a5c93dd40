import BlurKernels
import Foundation

extension Evaluation {
  /// Kernels that the ledger lacks; large pictures first, so that no core is left alone with one at the end.
  public func missingKernels(in ledger: Ledger) -> [EvaluationTask] {
    largestFirst { subject in methods.compactMap { estimation(by: $0, of: subject, in: ledger) } }
  }

  /// Nil where the ledger holds all.
  private func estimation(
    by method: ComparedMethod, of subject: Subject, in ledger: Ledger
  ) -> EvaluationTask? {
    let wanted = runs(of: method).compactMap { run -> EstimationTask.Wanted? in
      let key = kernelKey(of: subject, by: run)
      guard isMissing(key, of: subject, in: ledger) else { return nil }
      return .init(key: key, seed: run.seed, steps: run.steps, ownPicture: ownPicturePath(key))
    }
    guard !wanted.isEmpty else { return nil }
    return .estimate(
      EstimationTask(
        name: "\(subject.name), \(method.label)", row: method.label, picture: subject.pair.lowResolution.path,
        region: subject.pair.region, pixels: subject.pair.pixels, scale: subject.bench.scale,
        method: method.name,
        options: method.options, wanted: wanted))
  }

  /// A kernel whose method made a picture as well counts as missing where that picture is gone before it was compared.
  private func isMissing(_ key: String, of subject: Subject, in ledger: Ledger) -> Bool {
    guard let record = ledger.kernel(key) else { return true }
    guard record.hasOwnPicture == true, let picture = ownPictureKey(of: subject, from: key) else {
      return false
    }
    return ledger.image(picture) == nil && !exists(ownPicturePath(key))
  }

  /// Enlargements and comparisons that the ledger lacks, of the kernels and pictures that there are.
  public func missingImages(in ledger: Ledger) -> [EvaluationTask] {
    guard enlarging != nil else { return [] }
    return largestFirst { enlargements(of: $0, in: ledger) + comparisons(of: $0, in: ledger) }
  }

  private func enlargements(of subject: Subject, in ledger: Ledger) -> [EvaluationTask] {
    guard let enlarging, let original = subject.pair.highResolution else { return [] }
    return shown(of: subject, in: ledger).compactMap { row, shown in
      var seen: Set<String> = []
      let wanted = shown.compactMap { one -> EnlargingTask.Wanted? in
        guard let key = imageKey(of: subject, told: one.told), seen.insert(key).inserted else { return nil }
        let crop = one.isShown ? cropPath(key) : nil
        guard ledger.image(key) == nil || !(crop.map(exists) ?? true) else { return nil }
        return .init(key: key, of: one.name, told: one.told, crop: crop)
      }
      guard !wanted.isEmpty else { return nil }
      return .enlarge(
        EnlargingTask(
          name: "\(subject.name), \(row)", picture: subject.pair.lowResolution.path, original: original.path,
          region: subject.pair.region, pixels: subject.pair.pixels, scale: subject.bench.scale,
          weights: enlarging.weights, fidelity: enlarging.fidelity, wanted: wanted))
    }
  }

  private func comparisons(of subject: Subject, in ledger: Ledger) -> [EvaluationTask] {
    guard let original = subject.pair.highResolution else { return [] }
    let wanted = ownPictures(of: subject, in: ledger).compactMap { one -> ComparisonTask.Wanted? in
      let crop = one.isShown ? cropPath(one.key) : nil
      guard ledger.image(one.key) == nil || !(crop.map(exists) ?? true), exists(one.path) else { return nil }
      return .init(key: one.key, of: one.row, picture: one.path, crop: crop)
    }
    guard !wanted.isEmpty else { return [] }
    return [
      .compare(
        ComparisonTask(
          name: "\(subject.name), own pictures", original: original.path,
          region: subject.pair.region, scale: subject.bench.scale, wanted: wanted))
    ]
  }

  /// What is enlarged of one picture: nothing but the picture (bicubic), kernels found, the true kernel.
  private func shown(
    of subject: Subject, in ledger: Ledger
  ) -> [(row: String, [(name: String, told: Told?, isShown: Bool)])] {
    let noises = subject.bench.noises
    let found = kernels(of: subject, in: ledger).map { row, kernels in
      let all = kernels.flatMap { kernel in
        noises.compactMap { noise in
          told(by: kernel, of: subject, noise: noise).map {
            (name: kernel.name, told: Optional($0), isShown: kernel.isShown)
          }
        }
      }
      return (row: row, all)
    }
    let truth = noises.map { noise in
      (name: "true kernel", told: Optional(Told(truthOf: subject.pair, noise: noise)), isShown: true)
    }
    return [(Row.bicubic, [("bicubic", nil, true)])] + found + [(Row.trueKernel, truth)]
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func largestFirst(_ tasks: (Subject) -> [EvaluationTask]) -> [EvaluationTask] {
    benches.flatMap(\.subjects).sorted { $0.pair.pixels > $1.pair.pixels }.flatMap(tasks)
  }
}
