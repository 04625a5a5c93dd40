import Messages

extension Coordinator {
  mutating func receive(_ report: ResultReport, from peer: Peer) {
    guard let place = hear(peer) else {
      counters.stale += 1
      return discard(report.id)
    }
    let worker = roster.workers[place]
    let name = worker.stage == .active ? worker.name : nil
    switch Judgement.judge(report, from: name, in: round, under: configuration) {
    case .stale:
      counters.stale += 1
      discard(report.id)
    case .late:
      counters.late += 1
      discard(report.id)
    case .broken(let why):
      discard(report.id)
      refuse(report.task, from: place, because: why)
    case .candidate(let finding, let why):
      takeFromHands(report.task, of: place)
      let candidate = Candidate(
        worker: worker.name, credentials: worker.owner.credentials, finding: finding, leavesOut: why != nil)
      weigh(candidate, id: report.id, for: report.task.index, unsoundBecause: why)
      round.lookAgain(at: report.task.index)
      fold()
    }
  }

  private mutating func takeFromHands(_ task: TaskID, of place: Int) {
    if let since = release(task, from: place) { stragglers.note(now - since) }
    roster.workers[place].lastProgress = now
    roster.workers[place].done += 1
  }

  /// Holds a result against what is known of its task.
  ///
  /// - Parameter unsoundBecause: why a replay has to look at it first; nil where it looks sound.
  private mutating func weigh(
    _ candidate: Candidate, id: ResultID, for index: Int, unsoundBecause: String?
  ) {
    switch round.tasks[index].progress {
    case .open:
      if let why = unsoundBecause {
        discard(id)
        dispute(index, candidates: [candidate], because: .unsound(why))
      } else {
        accept(candidate, id: id, for: index)
      }
    case .witnessed(let first, let kept):
      compare(first, kept: kept, with: candidate, id: id, for: index)
    case .accepted(let kept, let finding, .worker(let author, let credentials)):
      let first = Candidate(worker: author, credentials: credentials, finding: finding)
      compare(first, kept: kept, with: candidate, id: id, for: index)
    case .folded(let finding, .worker(let author, let credentials)):
      let first = Candidate(worker: author, credentials: credentials, finding: finding)
      compare(first, kept: nil, with: candidate, id: id, for: index)
    case .accepted(_, let truth, .replay), .folded(let truth, .replay):
      discard(id)
      check(candidate, against: truth, for: index)
    case .diverged:
      discard(id)
      check(candidate, against: .unsound, for: index)
    case .disputed(var dispute):
      discard(id)
      if !dispute.candidates.contains(where: { $0.worker == candidate.worker }) {
        dispute.candidates.append(candidate)
        round.tasks[index].progress = .disputed(dispute)
      }
    }
  }

  /// The first sound result for a task: kept, to be folded in its turn or held against a second.
  private mutating func accept(_ candidate: Candidate, id: ResultID, for index: Int) {
    if Verification.picks(round.task(index), seed: configuration.seed, share: configuration.verifiedShare) {
      round.tasks[index].progress = .witnessed(candidate, id)
    } else {
      confirm(candidate, id: id, for: index)
    }
  }

  private mutating func confirm(_ candidate: Candidate, id: ResultID, for index: Int) {
    counters.accepted += 1
    round.tasks[index].progress = .accepted(
      id, candidate.finding, .worker(candidate.worker, candidate.credentials))
    cancel(index)
  }

  /// A second result for a task. `kept` is the first's, where it is not folded yet.
  private mutating func compare(
    _ first: Candidate, kept: ResultID?, with second: Candidate, id: ResultID, for index: Int
  ) {
    discard(id)
    if second.finding != first.finding {
      if let kept { discard(kept) }
      dispute(index, candidates: [first, second], because: .differing)
    } else if let kept, round.tasks[index].witness != nil, first.worker != second.worker,
      first.credentials.isIndependent(of: second.credentials)
    {
      confirm(first, id: kept, for: index)
    } else {
      counters.duplicates += 1
    }
  }

  /// A result for a task that a replay has already decided.
  private mutating func check(_ candidate: Candidate, against truth: Finding, for index: Int) {
    if candidate.finding == truth {
      counters.duplicates += 1
    } else {
      punish(candidate, for: index)
    }
  }

  private mutating func discard(_ id: ResultID) { actions.append(.discard(id)) }

  /// A result that cannot be one: its task goes to someone else.
  private mutating func refuse(_ task: TaskID, from place: Int, because why: String) {
    counters.broken += 1
    let name = roster.workers[place].name
    if putBack(task, from: place), task.round == round.id { round.tasks[task.index].refused.append(name) }
    strike(name, because: why)
  }

  /// A message that cannot be read. What it was about is not known, so all that its sender had in hand is put back.
  mutating func refuse(_ peer: Peer, _ error: MessageError) {
    if case .otherProtocol = error { send(.reject(Rejection(.otherProtocol, error.description)), to: [peer]) }
    guard let place = roster.place(of: peer) else { return }
    counters.broken += 1
    let name = roster.workers[place].name
    strike(name, because: error.description)
    guard roster.place(of: peer) != nil else { return }
    lose(peer, because: "it sent a message that cannot be read")
    send(.registerAgain, to: [peer])
  }
}
