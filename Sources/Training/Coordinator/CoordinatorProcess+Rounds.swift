import Coordination
import Foundation
import RunDirectory

/// Ends of rounds and checkpoints.
extension CoordinatorProcess {
  func finish(_ summary: RoundSummary) throws {
    if summary.round.kind == .evaluation {
      let evaluation = try outer.evaluation(evaluated)
      evaluated = []
      log(
        "after \(summary.round.step) steps: kernel PSNR of \(summary.valid) held-out tasks "
          + "\(format(evaluation.before)) dB before adaptation, \(format(evaluation.after)) dB after")
      curves.write(evaluation, step: summary.round.step)
      keeper.recordEvaluation(
        step: summary.round.step, before: evaluation.before, after: evaluation.after, tasks: summary.valid)
      board.note(evaluation, step: summary.round.step)
      return
    }
    meter.finish(try outer.finishStep())
    keeper.noteChange()
    let run = options.configuration.run
    let step = outer.state.step
    if step % run.checkpointEvery == 0 || step == run.steps
      || machine.configuration.schedule.isEvaluated(after: step)
    {
      try checkpoint()
    }
    newParameters = .parameters(step: step, sha256: outer.parametersHash)
  }

  func finish(_ end: End) throws {
    self.end = end
    waitingOrders = []
    outer.restartStep()
    if keeper.isUnsaved || end != .finished { try checkpoint(required: true) }
    if meter.hasSteps { log(outer.noiseSentence) }
    log(end.description)
  }

  func checkpoint(required: Bool = false) throws {
    // Not what a step has recorded that is not over: resumed from here, it is done again.
    let bytes = try outer.state.encoded(data: opened.pictures.fingerprint, diverged: outer.settledDiverged)
    try guardian.check(waiting: end != nil)
    try keeper.write(bytes, step: outer.state.step, sidecar: meter.sidecar, required: required)
    if let newest = keeper.newestStanding { board.note(newest) }
  }
}

func format(_ value: Double) -> String { String(format: "%.2f", value) }
