public import Messages

/// The order of a run's rounds, and how many tasks each has.
public struct Schedule: Sendable {
  /// Outer steps of the whole run.
  public let steps: Int
  /// B, the tasks of a step.
  public let batch: Int
  /// Training tasks from one evaluation to the next, rounded up to a step; 0 for none.
  public let evaluationInterval: Int
  /// Tasks of an evaluation.
  public let evaluationCount: Int
  /// Tasks of a training round that are handed out together; divides B.
  public let block: Int

  public init(
    steps: Int, batch: Int, evaluationInterval: Int = 4000, evaluationCount: Int = 64, block: Int = 1
  ) {
    precondition(steps > 0 && batch > 0 && evaluationInterval >= 0 && evaluationCount > 0)
    precondition(block > 0 && batch % block == 0)
    (self.steps, self.batch, self.block) = (steps, batch, block)
    (self.evaluationInterval, self.evaluationCount) = (evaluationInterval, evaluationCount)
  }

  /// Units of the round: blocks, or single tasks.
  public func count(of round: RoundID) -> Int { round.kind == .training ? batch / block : evaluationCount }

  /// Tasks of each unit. Held-out tasks, which have no gradient to be summed, are handed out one by one.
  public func block(of round: RoundID) -> Int { round.kind == .training ? block : 1 }

  /// Whether an evaluation follows once `step` steps are done; a checkpoint belongs there too.
  public func isEvaluated(after step: Int) -> Bool {
    guard step > 0, evaluationInterval > 0 else { return false }
    return step * batch / evaluationInterval > (step - 1) * batch / evaluationInterval
  }

  /// Where a run begins or resumes that has done `step` steps; nil where it has done all.
  public func firstRound(after step: Int) -> RoundID? {
    if isEvaluated(after: step) { return RoundID(.evaluation, step: step) }
    return step < steps ? RoundID(.training, step: step) : nil
  }

  /// Nil: the run is done.
  public func round(after round: RoundID) -> RoundID? {
    switch round.kind {
    case .training: firstRound(after: round.step + 1)
    case .evaluation: round.step < steps ? RoundID(.training, step: round.step) : nil
    }
  }

  /// Whether `a` comes before `b`: an evaluation comes before the step that starts from the same parameters.
  static func precedes(_ a: RoundID, _ b: RoundID) -> Bool {
    a.step != b.step ? a.step < b.step : a.kind == .evaluation && b.kind == .training
  }
}
