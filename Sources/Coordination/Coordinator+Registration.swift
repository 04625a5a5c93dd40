import Messages

extension Coordinator {
  mutating func register(_ peer: Peer, _ registration: Registration) {
    if let crash = registration.crash { mark(crash, worker: registration.worker) }
    if let end { return send(.shutdown(end.shutdown), to: [peer]) }
    if let rejection = Self.objection(to: registration, configuration, roster) {
      note(.rejected(worker: registration.worker, rejection))
      return send(.reject(rejection), to: [peer])
    }
    // The same worker again: its old connection, and all that was on its way there, is gone.
    if let place = roster.place(named: registration.worker) { lose(at: place, "it registered again") }
    lose(peer, "it registered again")
    roster.add(
      Worker(
        peer: peer, name: registration.worker, host: registration.host, cores: registration.cores,
        instructionSet: registration.instructionSet,
        lastHeard: now, lastProgress: now))
    send(.welcome, to: [peer])
  }

  /// Why a worker is turned away at once; nil where it is not.
  static func objection(
    to registration: Registration, _ configuration: Configuration, _ roster: Roster
  ) -> Rejection? {
    if let reason = roster.quarantine(of: registration.worker) {
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
      return quarantine(worker.name, .canaryDiffers, reason)
    }
    roster.workers[place].stage = .active
    roster.workers[place].lastProgress = now
    note(.joined(worker: worker.name, host: worker.host, cores: worker.cores))
    sendParameters()
  }

  mutating func noteHeartbeat(_ peer: Peer, _ work: Work?) {
    guard let place = hear(peer) else { return }
    if let work, work != roster.workers[place].work { roster.workers[place].lastProgress = now }
    roster.workers[place].work = work
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
    case .registered(let peer, _), .canary(let peer, _), .heartbeat(let peer, _):
      send(.shutdown(end.shutdown), to: [peer])
    case .goodbye(let peer), .unreachable(let peer):
      if let place = roster.place(of: peer) { _ = roster.remove(at: place) }
    case .result(_, let report): actions.append(.discard(report.id))
    case .replayed(_, .sound(let id, _)): actions.append(.discard(id))
    default: break
    }
  }
}
