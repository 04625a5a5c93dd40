import Messages

extension Coordinator {
  mutating func lookForTrouble() {
    for worker in roster.workers {
      switch Self.trouble(with: worker, in: round, by: configuration.policy, at: now) {
      case nil: break
      case .silence:
        lose(worker.peer, because: "it has not been heard of for \(configuration.policy.silence)")
      case .standstill:
        let why = "it made no progress for \(configuration.policy.standstill)"
        lose(worker.peer, because: why)
        send(.reject(Rejection(.noProgress, why)), to: [worker.peer])
      }
    }
    reissueStragglers()
  }

  enum Trouble { case silence, standstill }

  /// A worker whose socket lives but whose computation stands still is told from a slow one by its progress.
  static func trouble(
    with worker: Worker, in round: Round, by policy: Policy, at now: Duration
  ) -> Trouble? {
    if now - worker.lastHeard > policy.silence { return .silence }
    let hasWork = worker.stage == .canary || (round.parameters != nil && worker.held(of: round.id) > 0)
    return hasWork && now - worker.lastProgress > policy.standstill ? .standstill : nil
  }

  // MARK: loss

  mutating func lose(_ peer: Peer, because reason: String) {
    if let place = roster.place(of: peer) { lose(at: place, because: reason) }
  }

  /// Forgets a connection and puts back what was in its hands.
  mutating func lose(at place: Int, because reason: String) {
    for holding in roster.workers[place].holdings { putBack(holding.task, from: place) }
    let worker = roster.remove(at: place)
    counters.lost += 1
    guard worker.stage == .active else { return tell(.lost(worker: worker.name, reason: reason)) }
    roster.bind(worker)
    note(.lost(worker: worker.name, reason: reason))
  }

  mutating func noteDeath(_ worker: String, _ crash: Crash?) {
    if let place = roster.place(named: worker) { lose(at: place, because: "its process ended") }
    if let crash { mark(crash, worker: worker, isCertain: true) }
  }

  // MARK: strikes and quarantine

  mutating func strike(_ worker: String, because reason: String) {
    let count = roster.record(worker) {
      $0.strikes += 1
      return $0.strikes
    }
    note(.strike(worker: worker, count: count, reason: reason))
    if count >= configuration.policy.strikes { quarantine(worker, as: .quarantined, because: reason) }
  }

  /// Turns a worker away for good and discards its results, so far as they are not folded.
  mutating func quarantine(_ worker: String, as kind: Rejection.Reason, because reason: String) {
    guard roster.records[worker]?.quarantine == nil else { return }
    let present = roster.place(named: worker).map { roster.workers[$0] }
    roster.record(worker) { record in
      (record.quarantine, record.turnedAway) = (reason, present)
      record.owner = present?.owner ?? record.owner
    }
    note(.quarantined(worker: worker, reason: reason))
    if let place = roster.place(named: worker) {
      let peer = roster.workers[place].peer
      lose(at: place, because: "it is quarantined")
      send(.reject(Rejection(kind, reason)), to: [peer])
    }
    for index in round.prefix..<round.tasks.count { discard(index, by: worker) }
  }

  private mutating func discard(_ index: Int, by worker: String) {
    switch round.tasks[index].progress {
    case .accepted(let id, _, .worker(worker, _)):
      actions.append(.discard(id))
      round.reopen(index)
    case .witnessed(let candidate, let id) where candidate.worker == worker:
      actions.append(.discard(id))
      round.reopen(index)
    default: break
    }
  }
}
