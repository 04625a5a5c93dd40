import Messages

// Disputes are settled by computing the task here and never by a vote, so the outcome does not depend on who was there.

extension Coordinator {
  mutating func dispute(_ index: Int, candidates: [Candidate], because reason: ReplayReason) {
    let isFolded = if case .folded = round.tasks[index].progress { true } else { false }
    round.tasks[index].progress = .disputed(
      Dispute(candidates: candidates, reason: reason, isFolded: isFolded))
    cancel(index)
    replay(index, because: reason)
  }

  /// The second computation of a task of which a worker gave the first.
  mutating func askForReplay(of index: Int) {
    guard case .witnessed(let first, let id) = round.tasks[index].progress else { return }
    actions.append(.discard(id))
    dispute(index, candidates: [first], because: .verification)
  }

  private mutating func replay(_ index: Int, because reason: ReplayReason) {
    counters.replays += 1
    round.replaying.insert(index)
    note(.replaying(round.task(index), reason))
    actions.append(.replay(round.task(index), reason))
  }

  mutating func settle(_ task: TaskID, by outcome: ReplayOutcome) {
    guard task.round == round.id, round.replaying.contains(task.index),
      case .disputed(let dispute) = round.tasks[task.index].progress
    else {
      if case .sound(let id, _, _) = outcome { actions.append(.discard(id)) }
      return
    }
    switch outcome {
    case .sound(let id, let hash, let leftOut):
      blameReporters(of: task)
      noteLeftOut(leftOut, of: task.index)
      settle(dispute, of: task.index, truth: .sound(hash), result: id)
    case .diverged: settle(dispute, of: task.index, truth: .unsound, result: nil)
    case .failed(let signal, let why): retry(dispute, of: task.index, after: signal, because: why)
    }
    fold()
  }

  private mutating func noteLeftOut(_ tasks: [Int], of index: Int) {
    round.tasks[index].leftOut = tasks
    for task in tasks { note(.diverged(TaskID(round.id, task))) }
  }

  /// - Parameter id: the replay's own result, which counts; nil where the task has diverged.
  private mutating func settle(
    _ dispute: Dispute, of index: Int, truth: Finding, result id: ResultID?
  ) {
    round.replaying.remove(index)
    let wasRight = dispute.candidates.first?.finding == truth
    if dispute.isFolded {
      if let id { actions.append(.discard(id)) }
      round.tasks[index].progress = id == nil ? .diverged : .folded(truth, .replay)
      if !wasRight { restart(because: index) }
    } else if let id {
      counters.accepted += 1
      round.tasks[index].progress = .accepted(id, truth, .replay)
    } else {
      note(.diverged(round.task(index)))
      round.tasks[index].progress = .diverged
    }
    for candidate in dispute.candidates where candidate.finding != truth { punish(candidate, for: index) }
  }

  /// A result proven wrong. One that looked unsound may be a slip of the machine; one that looked sound is not to be
  /// trusted again.
  mutating func punish(_ candidate: Candidate, for index: Int) {
    switch candidate.finding {
    case .unsound:
      strike(candidate.worker, because: "an unsound gradient for \(round.task(index)), which is sound")
    case .sound where candidate.leavesOut:
      strike(candidate.worker, because: "other tasks left out of \(round.task(index)) than diverge")
    case .sound:
      quarantine(candidate.worker, as: .quarantined, because: "a wrong result for \(round.task(index))")
    }
  }

  /// - Parameter signal: what ended the replay's process; nil where it ended otherwise.
  private mutating func retry(
    _ dispute: Dispute, of index: Int, after signal: Int?, because why: String
  ) {
    let task = round.task(index)
    if let signal, Crashes.signals.contains(signal) {
      add(CrashMark(worker: "(replay)", isCertain: true, signal: signal), to: task)
      // What others said of it is true.
      if end == nil, case .crashes(let count) = dispute.reason {
        return finish(.crashingTask(task, seed: configuration.seed, crashes: count + 1))
      }
    }
    var dispute = dispute
    dispute.failures += 1
    round.tasks[index].progress = .disputed(dispute)
    if dispute.failures >= configuration.policy.marks {
      finish(.replayFailed(task, seed: configuration.seed, why))
    } else if end == nil {
      actions.append(.replay(task, dispute.reason))
    }
  }
}
