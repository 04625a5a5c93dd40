import Messages

extension Coordinator {
  /// Gives out what can be given out: tasks of the round, within its window, and where none of them needs a worker
  /// those of the next, so that between two steps only the parameters have to travel.
  mutating func handOut() {
    guard end == nil else { return }
    serve(0)
    if rounds.count > 1, rounds[0].cursor == rounds[0].tasks.count { serve(1) }
  }

  private func limit(_ slot: Int) -> Int { min(rounds[slot].tasks.count, rounds[slot].prefix + window) }

  private enum Recipient {
    case worker(Int)
    /// All have their hands full.
    case nobody
    /// None of those with a hand free may have it.
    case nobodyElse
    /// It needs a second worker and there is none.
    case replay
  }

  private mutating func serve(_ slot: Int) {
    let limit = limit(slot)
    var stuck: Int?
    var index = rounds[slot].cursor
    search: while index < limit {
      if rounds[slot].tasks[index].needsHolder {
        switch recipient(of: index, slot) {
        case .worker(let place): give(index, slot, to: place)
        case .replay: askForReplay(of: index)
        case .nobodyElse: stuck = stuck ?? index
        case .nobody: break search
        }
      }
      index += 1
    }
    rounds[slot].cursor = min(stuck ?? index, index)
  }

  private mutating func recipient(of index: Int, _ slot: Int) -> Recipient {
    if rounds[slot].tasks[index].witness == nil, rounds[slot].tasks[index].refused.isEmpty {
      return leastLoaded(slot).map(Recipient.worker) ?? .nobody
    }
    return recipientApart(of: index, slot)
  }

  /// The first of those with the fewest units a core and a hand free. For every result it looks at every worker.
  private func leastLoaded(_ slot: Int) -> Int? {
    let round = rounds[slot].id
    var best: (place: Int, load: Int)?
    for place in roster.workers.indices where roster.workers[place].stage == .active {
      let held = held(by: place, slot, round)
      guard held < roster.workers[place].credit else { continue }
      let load = held * 1024 / roster.workers[place].cores
      if load < best?.load ?? .max { best = (place, load) }
    }
    return best?.place
  }

  /// Tasks sent ahead wait, so they keep nobody from the round's own.
  private func held(by place: Int, _ slot: Int, _ round: RoundID) -> Int {
    slot == 0 ? roster.workers[place].held(of: round) : roster.workers[place].holdings.count
  }

  /// As `recipient`, of a unit that not everybody may have.
  private mutating func recipientApart(of index: Int, _ slot: Int) -> Recipient {
    let entry = rounds[slot].tasks[index]
    let round = rounds[slot].id
    var others = 0
    var untried = 0
    var free = 0
    var best: (place: Int, load: Int)?
    for place in roster.workers.indices where roster.workers[place].stage == .active {
      let isOther = entry.witness?.isConfirmed(by: roster.workers[place]) ?? true
      let isUntried = isOther && !entry.refused.contains(roster.workers[place].name)
      if isOther { others += 1 }
      if isUntried { untried += 1 }
      let held = held(by: place, slot, round)
      guard held < roster.workers[place].credit else { continue }
      free += 1
      let load = held * 1024 / roster.workers[place].cores
      if isUntried, load < best?.load ?? .max { best = (place, load) }
    }
    if let best { return .worker(best.place) }
    if entry.witness != nil, others == 0, roster.hasActive { return .replay }
    if untried == 0, !entry.refused.isEmpty { rounds[slot].tasks[index].refused = [] }
    return free == 0 ? .nobody : .nobodyElse
  }

  private mutating func give(_ index: Int, _ slot: Int, to place: Int) {
    let task = rounds[slot].task(index)
    let worker = roster.workers[place]
    if worker.held(of: round.id) == 0 { roster.workers[place].lastProgress = now }
    roster.workers[place].holdings.append(Worker.Holding(task: task, since: now))
    rounds[slot].tasks[index].holders.append(worker.name)
    if !rounds[slot].tasks[index].given.contains(worker.name) {
      rounds[slot].tasks[index].given.append(worker.name)
    }
    send(.task(task, parameters: rounds[slot].parameters), to: [worker.peer])
  }

  /// Takes a task out of a worker's hands; returns since when it was there.
  @discardableResult
  mutating func release(_ task: TaskID, from place: Int) -> Duration? {
    guard let i = roster.workers[place].holdings.firstIndex(where: { $0.task == task }) else { return nil }
    let holding = roster.workers[place].holdings.remove(at: i)
    if let slot = slot(of: task) { rounds[slot].release(task.index, by: roster.workers[place].name) }
    return holding.since
  }

  /// Takes a task out of a worker's hands for someone else; false where it was not there.
  @discardableResult
  mutating func putBack(_ task: TaskID, from place: Int) -> Bool {
    guard release(task, from: place) != nil else { return false }
    roster.record(roster.workers[place].name) { $0.retries += 1 }
    if let slot = slot(of: task) { rounds[slot].lookAgain(at: task.index) }
    return true
  }

  private func slot(of task: TaskID) -> Int? { rounds.firstIndex { $0.id == task.round } }

  /// Tells all who still have a task of the round in hand that it is no longer wanted.
  mutating func cancel(_ index: Int) {
    let holders = round.tasks[index].holders
    guard !holders.isEmpty else { return }
    let task = round.task(index)
    let places = holders.compactMap(roster.place(named:))
    for place in places { release(task, from: place) }
    send(.cancel(task), to: places.map { roster.workers[$0].peer })
  }

  // MARK: stragglers

  /// As `reissueStragglers`, which takes as long as there are workers: with a hundred not more than every millisecond, with
  /// a thousand every ten.
  mutating func reissueStragglersAgain() {
    let pause = Duration.milliseconds(roster.workers.count / 100)
    if let lastLook, now - lastLook < pause { return }
    reissueStragglers()
  }

  /// Gives slow tasks to idle workers too, once nothing else is left to give.
  mutating func reissueStragglers() {
    guard round.parameters != nil, round.cursor >= limit(0) else { return }
    lastLook = now
    var slow = slowTasks(stragglers.threshold(configuration.policy))
    for place in idlePlaces() where !slow.isEmpty {
      let name = roster.workers[place].name
      guard
        let at = slow.firstIndex(where: {
          !round.tasks[$0].holders.contains(name)
            && round.tasks[$0].witness?.isConfirmed(by: roster.workers[place]) ?? true
        })
      else { continue }
      let index = slow.remove(at: at)
      counters.reissued += 1
      for holder in round.tasks[index].holders { roster.record(holder) { $0.retries += 1 } }
      note(.reissued(round.task(index), to: name))
      give(index, 0, to: place)
    }
  }

  /// Those that have delivered most come first. Where some have, those that have not get none: whoever takes tasks and
  /// gives nothing is not to take these, too.
  private func idlePlaces() -> [Int] {
    let someDelivered = roster.workers.contains { $0.done > 0 }
    return roster.workers.indices.filter { isIdle($0) && (roster.workers[$0].done > 0 || !someDelivered) }
      .sorted { (roster.workers[$1].done, $0) < (roster.workers[$0].done, $1) }
  }

  private func isIdle(_ place: Int) -> Bool {
    roster.workers[place].stage == .active && roster.workers[place].held(of: round.id) == 0
  }

  /// The tasks whose every holder has had them for longer than `threshold`, ascending.
  private func slowTasks(_ threshold: Duration) -> [Int] {
    let inHand = roster.workers.flatMap(\.holdings).filter { $0.task.round == round.id }
    let slow = inHand.filter { now - $0.since > threshold }.map(\.task.index)
    if slow.isEmpty { return [] }
    return Set(slow).subtracting(
      inHand.filter { now - $0.since <= threshold }.map(\.task.index)
    ).sorted()
  }
}
