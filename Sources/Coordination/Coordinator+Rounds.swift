import Messages

extension Coordinator {
  /// Opens the round that starts from these parameters.
  mutating func begin(_ step: Int, _ sha256: String) {
    guard round.id.step == step, round.parameters == nil else { return }
    open(sha256)
  }

  private mutating func open(_ parameters: String) {
    round.parameters = parameters
    // What was sent ahead can be computed from now on.
    for place in roster.workers.indices {
      roster.workers[place].lastProgress = now
      for i in roster.workers[place].holdings.indices { roster.workers[place].holdings[i].since = now }
    }
    sendParameters()
    // Tasks that start from the same parameters would be computed at once, so they are not sent ahead.
    if let next = configuration.schedule.round(after: round.id), next.step != step {
      rounds.append(Round(next, configuration.schedule))
    }
  }

  private var step: Int { round.id.step }

  /// Folds what is next in order, as far as it is there.
  mutating func fold() {
    while end == nil, round.prefix < round.tasks.count, foldNext() {}
    if end == nil, round.isComplete { finishRound() }
  }

  /// False where the next result is not there.
  private mutating func foldNext() -> Bool {
    let index = round.prefix
    switch round.tasks[index].progress {
    case .accepted(let id, let finding, let author):
      round.tasks[index].progress = .folded(finding, author)
      round.diverged += round.tasks[index].leftOut
      actions.append(.fold(round.task(index), id))
    case .diverged:
      round.diverged += round.task(index).tasks
      actions.append(.leaveOut(round.task(index)))
    case .open, .witnessed, .disputed, .folded: return false
    }
    round.tasks[index].refused = []
    round.prefix += 1
    return true
  }

  private mutating func finishRound() {
    let done = rounds.removeFirst()
    let summary = RoundSummary(
      round: done.id, valid: done.taskCount - done.diverged.count, diverged: done.diverged)
    actions.append(.finish(summary))
    guard let next = configuration.schedule.round(after: done.id) else {
      rounds = [done]
      return finish(.finished)
    }
    if rounds.isEmpty { rounds = [Round(next, configuration.schedule)] }
    noteDivergence(done)
    if end == nil, next.step == done.id.step, let parameters = done.parameters { open(parameters) }
  }

  private mutating func noteDivergence(_ done: Round) {
    guard done.id.kind == .training else { return }
    let span = configuration.policy.divergenceSpan
    let diverged = Set(done.diverged)
    for index in 0..<done.taskCount { divergence.note(diverged.contains(index), span: span) }
    counters.diverged += diverged.count
    if divergence.isTooMuch(configuration.policy) { finish(.diverging(count: divergence.count, span: span)) }
  }

  /// Does the round again from its start: what was folded cannot be taken out of a sum of floats without a trace.
  mutating func restart(because index: Int) {
    counters.restarts += 1
    note(.restarted(round.id, because: round.task(index)))
    actions.append(.restart(round.id))
    for i in round.tasks.indices { forget(i) }
    round.prefix = 0
    round.cursor = 0
    round.diverged = []
  }

  /// Keeps only what a replay has decided or will decide.
  private mutating func forget(_ index: Int) {
    switch round.tasks[index].progress {
    case .open, .diverged: break
    case .folded: reopenAnew(index)
    case .accepted(let id, _, _), .witnessed(_, let id):
      actions.append(.discard(id))
      reopenAnew(index)
    case .disputed(var dispute):
      dispute.isFolded = false
      round.tasks[index].progress = .disputed(dispute)
    }
  }

  private mutating func reopenAnew(_ index: Int) {
    round.tasks[index].progress = .open
    round.tasks[index].leftOut = []
    // Whoever has it in hand still computes it, for this time.
    let holders = round.tasks[index].holders
    round.tasks[index].formerly += round.tasks[index].given.filter { !holders.contains($0) }
    round.tasks[index].given = holders
  }

  /// Ends the run: tells the workers and lets go of all results.
  mutating func finish(_ end: End) {
    guard self.end == nil else { return }
    self.end = end
    for entry in round.tasks {
      switch entry.progress {
      case .accepted(let id, _, _), .witnessed(_, let id): actions.append(.discard(id))
      case .open, .disputed, .folded, .diverged: break
      }
    }
    send(.shutdown(end.shutdown), to: roster.workers.map(\.peer))
    actions.append(.end(end))
  }
}
