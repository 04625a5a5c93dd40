import BlurKernels

extension Evaluation {
  /// What the ledger knows of all that is wanted, in the order of benchmarks, rows, pictures and seeds.
  public func scores(in ledger: Ledger) -> [Score] {
    benches.flatMap { bench in
      func ofPictures(_ score: (Bench.Pair) -> [Score]) -> [Score] { bench.pairs.flatMap(score) }
      let bicubic = ofPictures { [baseline(Row.bicubic, bench, $0, nil, ledger)] }
      let truth = ofPictures { [baseline(Row.trueKernel, bench, $0, Told(truthOf: $0), ledger)] }
      let estimated = candidates.flatMap { candidate -> [Score] in
        candidate.steps.flatMap { steps in
          ofPictures { pair in
            (0..<runs).compactMap { self.found(candidate, steps, $0, bench, pair, ledger) }
          }
        }
      }
      return (bicubic + estimated + truth).filter { $0.imagePSNR != nil || $0.kernelPSNR != nil }
    }
  }

  private func baseline(
    _ label: String, _ bench: Bench, _ pair: Bench.Pair, _ told: Told?,
    _ ledger: Ledger
  ) -> Score {
    var score = Score(bench: bench.name, picture: pair.name, method: label)
    addImage(&score, bench, pair, told, ledger)
    return score
  }

  private func found(
    _ candidate: Candidate, _ steps: Int, _ seed: Int, _ bench: Bench, _ pair: Bench.Pair,
    _ ledger: Ledger
  ) -> Score? {
    guard let record = ledger.kernel(kernelKey(bench, pair, candidate, UInt64(seed), steps)),
      let kernel = record.kernel, let told = self.told(by: record, bench: bench, pair: pair)
    else { return nil }
    var score = Score(bench: bench.name, picture: pair.name, method: candidate.label)
    (score.checkpoint, score.steps, score.seed) = (candidate.checkpoint, steps, seed)
    (score.seconds, score.megabytes) = (record.seconds, record.megabytes)
    score.kernelPSNR = try? kernel.psnr(against: pair.kernel)
    score.covarianceDistance = kernel.covarianceDistance(to: pair.kernel)
    (score.covarianceBound, score.isConfident) = (
      record.promise?.covarianceBound, record.promise?.isConfident
    )
    addImage(&score, bench, pair, told, ledger)
    return score
  }

  private func addImage(
    _ score: inout Score, _ bench: Bench, _ pair: Bench.Pair, _ told: Told?, _ ledger: Ledger
  ) {
    guard let key = imageKey(bench, pair, told), let record = ledger.image(key) else { return }
    (score.imagePSNR, score.imageSSIM) = (record.psnr, record.ssim)
    (score.enlargingSeconds, score.enlargingMegabytes) = (record.seconds, record.megabytes)
  }
}
