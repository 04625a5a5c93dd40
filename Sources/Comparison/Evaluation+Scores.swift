import BlurKernels

extension Evaluation {
  /// What the ledger knows of all that is wanted, in the order of benchmarks, rows, pictures and seeds.
  public func scores(in ledger: Ledger) -> [Score] {
    benches.flatMap { bench in
      let view = BenchScores(evaluation: self, bench: bench, ledger: ledger)
      return view.all.filter { $0.imagePSNR != nil || $0.kernelPSNR != nil }
    }
  }
}

/// The scores of one benchmark, row by row.
private struct BenchScores {
  let evaluation: Evaluation
  let bench: Bench
  let ledger: Ledger

  var all: [Score] {
    (bicubic + candidates + given + truth).map { score in
      var score = score
      score.crop = bench.crop
      return score
    }
  }

  private func ofPictures(_ score: (Bench.Pair) -> [Score]) -> [Score] { bench.pairs.flatMap(score) }

  private var bicubic: [Score] {
    ofPictures { pair in
      var score = Score(bench: bench.name, picture: pair.name, method: Row.bicubic)
      addImage(&score, pair, nil)
      return [score]
    }
  }

  private var truth: [Score] {
    bench.noises.flatMap { noise in
      ofPictures { pair in
        var score = Score(bench: bench.name, picture: pair.name, method: bench.trueKernelLabel(noise))
        score.noise = noise.word(bench.name)
        addImage(&score, pair, Told(truthOf: pair, noise))
        return [score]
      }
    }
  }

  private var candidates: [Score] {
    evaluation.candidates.flatMap { candidate in
      candidate.steps.flatMap { steps in
        let found = ofRuns { pair, seed in
          evaluation.found(by: candidate, seed: seed, steps: steps, of: bench, pair, in: ledger)
        }
        return rows(found)
          + found.compactMap { found in evaluation.ownPicture(of: found.0, found.1).map { score($0, found.1) }
          }
      }
    }
  }

  private var given: [Score] {
    evaluation.results.flatMap { results in
      let kernels = bench.pairs.compactMap { pair in
        evaluation.given(results, of: bench, pair).map { ($0, pair) }
      }
      return rows(kernels)
        + bench.pairs.compactMap { pair in
          evaluation.given(picture: results, of: bench, pair).map { score($0, pair) }
        }
    }
  }

  private func ofRuns(_ found: (Bench.Pair, UInt64) -> FoundKernel?) -> [(FoundKernel, Bench.Pair)] {
    bench.pairs.flatMap { pair in
      (0..<evaluation.runs).compactMap { seed in found(pair, UInt64(seed)).map { ($0, pair) } }
    }
  }

  /// One row for each setting of the noise.
  private func rows(_ kernels: [(FoundKernel, Bench.Pair)]) -> [Score] {
    bench.settings.flatMap { noise in kernels.map { score($0.0, $0.1, noise) } }
  }

  private func score(_ found: FoundKernel, _ pair: Bench.Pair, _ noise: NoiseLevel?) -> Score {
    var score = Score(bench: bench.name, picture: pair.name, method: bench.label(found.row, noise))
    score.noise = noise?.word(bench.name)
    score.add(found.estimate)
    score.kernelPSNR = try? found.kernel.psnr(against: pair.kernel)
    score.covarianceDistance = found.kernel.covarianceDistance(to: pair.kernel)
    if let told = evaluation.told(by: found, pair, noise) { addImage(&score, pair, told) }
    return score
  }

  private func score(_ own: OwnPicture, _ pair: Bench.Pair) -> Score {
    var score = Score(bench: bench.name, picture: pair.name, method: own.row)
    score.add(own.estimate)
    if let record = ledger.image(own.key) { (score.imagePSNR, score.imageSSIM) = (record.psnr, record.ssim) }
    return score
  }

  private func addImage(_ score: inout Score, _ pair: Bench.Pair, _ told: Told?) {
    guard let key = evaluation.imageKey(bench, pair, told), let record = ledger.image(key) else { return }
    (score.imagePSNR, score.imageSSIM) = (record.psnr, record.ssim)
    score.reblurredPSNR = record.reblurredPSNR
    (score.enlargingSeconds, score.enlargingMegabytes) = (record.seconds, record.megabytes)
  }
}

extension Score {
  fileprivate mutating func add(_ estimate: FoundKernel.Estimation?) {
    guard let estimate else { return }
    (checkpoint, steps, seed) = (estimate.candidate.checkpoint, estimate.steps, Int(estimate.seed))
    (seconds, megabytes) = (estimate.record.seconds, estimate.record.megabytes)
    let promise = estimate.record.promise
    (covarianceBound, isConfident) = (promise?.covarianceBound, promise?.isConfident)
  }
}
