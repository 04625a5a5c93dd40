import Messages

extension Coordinator {
  mutating func register(_ peer: Peer, as registration: Registration, with credentials: Credentials) {
    let name = credentials.name(registration)
    let owner = Owner(credentials, registration)
    if let rejection = objection(to: registration, named: name, of: owner) {
      tell(.rejected(worker: name, rejection))
      return send(.reject(rejection), to: [peer])
    }
    if let crash = registration.crash { mark(crash, worker: name, isCertain: owner.isOwn(configuration)) }
    if let end { return send(.shutdown(end.shutdown), to: [peer]) }
    // The same worker again: its old connection, and all that was on its way there, is gone.
    if let place = roster.place(named: name) { lose(at: place, because: "it registered again") }
    lose(peer, because: "it registered again")
    roster.add(
      Worker(
        peer: peer, name: name, host: registration.host, cores: registration.cores,
        instructionSet: registration.instructionSet, owner: owner,
        firstCredit: configuration.policy.firstCredit, lastHeard: now, lastProgress: now))
    send(.welcome, to: [peer])
  }

  /// As `note`, of something that any stranger can bring about: told a few times a minute.
  mutating func tell(_ note: Note) {
    let (isTold, missed) = strangers.pass(now)
    if missed > 0 { self.note(.suppressed(missed)) }
    if isTold { self.note(note) }
  }

  /// Why a worker is turned away at once; nil where it is not.
  func objection(to registration: Registration, named name: String, of owner: Owner) -> Rejection? {
    if let holder = roster.holder(of: name, keptFor: configuration.policy.nameHold),
      !holder.isSame(as: owner), !owner.isOwn(configuration)
    {
      return Rejection(
        .nameTaken,
        "another worker has the name \(name); give this one another, or wait until that is forgotten")
    }
    if let reason = roster.quarantine(of: name, owner) {
      return Rejection(.quarantined, "it is quarantined: \(reason)")
    }
    if registration.programVersion != configuration.programVersion {
      return Rejection(
        .otherVersion,
        "it runs version \(registration.programVersion), the coordinator \(configuration.programVersion); "
          + "run the same on both sides")
    }
    if registration.architecture != configuration.architecture {
      return Rejection(
        .otherArchitecture, "its networks are of another architecture; run the same version on both sides")
    }
    return nil
  }

  mutating func examine(_ peer: Peer, _ hash: UInt64) {
    guard let place = hear(peer) else { return }
    let worker = roster.workers[place]
    guard worker.stage == .canary else { return }
    guard hash == configuration.canaryHash else {
      let reason =
        "its canary task came to another result than here; its machine or libraries compute differently"
      return quarantine(worker.name, as: .canaryDiffers, because: reason)
    }
    roster.workers[place].stage = .active
    roster.workers[place].lastProgress = now
    note(.joined(worker: worker.name, host: worker.host, cores: worker.cores))
    sendParameters()
  }

  mutating func noteHeartbeat(_ peer: Peer, _ work: Work?) {
    guard let place = hear(peer) else { return }
    guard let work else { return }
    if work.stepsDone > configuration.taskSteps {
      let why = "it reports \(work.stepsDone) steps of \(work.task), which has \(configuration.taskSteps)"
      return strike(roster.workers[place].name, because: why)
    }
    // Only a task that it has can be made progress with, and only so far as that goes.
    guard let i = roster.workers[place].holdings.firstIndex(where: { $0.task == work.task }),
      work.stepsDone > roster.workers[place].holdings[i].stepsDone
    else { return }
    roster.workers[place].holdings[i].stepsDone = work.stepsDone
    roster.workers[place].lastProgress = now
  }

  /// A worker's words for the log: a few a minute of each, and not many of all.
  mutating func noteReport(_ peer: Peer, _ report: WorkerReport) {
    guard let place = hear(peer) else { return }
    let worker = roster.workers[place]
    let line = Note.reported(worker: worker.name, report)
    // Whoever has not passed the canary may be anybody.
    guard worker.stage == .active else { return tell(line) }
    let own = roster.workers[place].reports.pass(now)
    let all = own.isTold ? reports.pass(now) : (isTold: false, missed: 0)
    if own.missed + all.missed > 0 { note(.unreported(own.missed + all.missed)) }
    if all.isTold { note(line) }
  }

  /// Where a peer stands in the roster. One that does not is asked to register.
  mutating func hear(_ peer: Peer) -> Int? {
    guard let place = roster.place(of: peer) else {
      send(.registerAgain, to: [peer])
      return nil
    }
    roster.workers[place].lastHeard = now
    return place
  }

  /// To the workers that do not have those of the round.
  mutating func sendParameters() {
    guard round.parameters != nil else { return }
    let step = round.id.step
    var peers: [Peer] = []
    for place in roster.workers.indices
    where roster.workers[place].stage == .active && roster.workers[place].parametersStep != step {
      roster.workers[place].parametersStep = step
      peers.append(roster.workers[place].peer)
    }
    send(.parameters(step: step), to: peers)
  }

  /// Once the run is over workers are told so, and what they still send is dropped.
  mutating func answer(_ event: Event, after end: End) {
    switch event {
    case .registered(let peer, _, _), .canary(let peer, _), .heartbeat(let peer, _):
      send(.shutdown(end.shutdown), to: [peer])
    case .goodbye(let peer), .unreachable(let peer):
      if let place = roster.place(of: peer) { _ = roster.remove(at: place) }
    case .result(_, let report): actions.append(.discard(report.id))
    case .replayed(_, .sound(let id, _, _)): actions.append(.discard(id))
    default: break
    }
  }
}
