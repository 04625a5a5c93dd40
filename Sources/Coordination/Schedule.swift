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

  public init(steps: Int, batch: Int, evaluationInterval: Int = 4000, evaluationCount: Int = 64) {
    precondition(steps > 0 && batch > 0 && evaluationInterval >= 0 && evaluationCount > 0)
    (self.steps, self.batch) = (steps, batch)
    (self.evaluationInterval, self.evaluationCount) = (evaluationInterval, evaluationCount)
  }

  public func count(of round: RoundID) -> Int { round.kind == .training ? batch : evaluationCount }

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
