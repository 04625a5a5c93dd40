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
    (bicubic + methods + given + truth).map { score in
      var score = score
      score.crop = bench.crop
      return score
    }
  }

  private var bicubic: [Score] {
    bench.subjects.map { subject in
      var score = Score(bench: bench.name, picture: subject.pair.name, method: Row.bicubic)
      addImage(told: nil, of: subject, to: &score)
      return score
    }
  }

  private var truth: [Score] {
    bench.noises.flatMap { noise in
      bench.subjects.map { subject in
        var score = Score(
          bench: bench.name, picture: subject.pair.name, method: bench.trueKernelLabel(noise))
        score.noise = noise.word(bench.name)
        addImage(told: Told(truthOf: subject.pair, noise: noise), of: subject, to: &score)
        return score
      }
    }
  }

  private var methods: [Score] {
    evaluation.methods.flatMap { method in
      method.steps.flatMap { steps in
        let found = ofRuns { subject, seed in
          let run = MethodRun(method: method, seed: seed, steps: steps)
          return evaluation.found(by: run, of: subject, in: ledger)
        }
        return rows(found)
          + found.compactMap { kernel, subject in
            evaluation.ownPicture(madeWith: kernel, of: subject).map { score($0, of: subject) }
          }
      }
    }
  }

  private var given: [Score] {
    evaluation.results.flatMap { results in
      let kernels = bench.subjects.compactMap { subject in
        evaluation.given(by: results, of: subject).map { ($0, subject) }
      }
      return rows(kernels)
        + bench.subjects.compactMap { subject in
          evaluation.ownPicture(givenBy: results, of: subject).map { score($0, of: subject) }
        }
    }
  }

  private func ofRuns(_ found: (Subject, UInt64) -> ComparedKernel?) -> [(ComparedKernel, Subject)] {
    bench.subjects.flatMap { subject in
      (0..<evaluation.runs).compactMap { seed in found(subject, UInt64(seed)).map { ($0, subject) } }
    }
  }

  /// One row for each setting of the noise.
  private func rows(_ kernels: [(ComparedKernel, Subject)]) -> [Score] {
    bench.settings.flatMap { noise in kernels.map { score($0.0, of: $0.1, noise: noise) } }
  }

  private func score(_ found: ComparedKernel, of subject: Subject, noise: NoiseLevel?) -> Score {
    let truth = subject.pair.kernel
    var score = Score(
      bench: bench.name, picture: subject.pair.name, method: bench.label(found.row, noise))
    score.noise = noise?.word(bench.name)
    score.add(found.estimate)
    score.kernelPSNR = try? found.kernel.psnr(against: truth)
    score.covarianceDistance = found.kernel.covarianceDistance(to: truth)
    if let told = evaluation.told(by: found, of: subject, noise: noise) {
      addImage(told: told, of: subject, to: &score)
    }
    return score
  }

  private func score(_ own: OwnPicture, of subject: Subject) -> Score {
    var score = Score(bench: bench.name, picture: subject.pair.name, method: own.row)
    score.add(own.estimate)
    if let record = ledger.image(own.key) { (score.imagePSNR, score.imageSSIM) = (record.psnr, record.ssim) }
    return score
  }

  private func addImage(told: Told?, of subject: Subject, to score: inout Score) {
    guard let key = evaluation.imageKey(of: subject, told: told), let record = ledger.image(key) else {
      return
    }
    (score.imagePSNR, score.imageSSIM) = (record.psnr, record.ssim)
    score.reblurredPSNR = record.reblurredPSNR
    (score.enlargingSeconds, score.enlargingMegabytes) = (record.seconds, record.megabytes)
  }
}

extension Score {
  fileprivate mutating func add(_ estimate: ComparedKernel.Estimation?) {
    guard let estimate else { return }
    let run = estimate.run
    (checkpoint, steps, seed) = (run.method.checkpoint, run.steps, Int(run.seed))
    (seconds, megabytes) = (estimate.record.seconds, estimate.record.megabytes)
    let promise = estimate.record.promise
    (covarianceBound, isConfident) = (promise?.covarianceBound, promise?.isConfident)
  }
}
