public import Messages

/// Decides what a meta-training run does next: who computes which task, which result counts and what to do about
/// workers that are lost, slow, broken or lying, so that what is folded, and in which order, is the same whatever
/// happens. A state machine: no sockets, files, clocks or tensors. Events go in with the time, actions come out.
///
/// What is handed out, and what its actions call a task, is a unit of work: one task, or a block of consecutive tasks of a
/// training round (`Schedule.block`).
///
/// Memory: a few words for each unit of a round, and at most `window` results not yet folded (more by all
/// workers' credit at most while a step is done again).
public struct Coordinator: Sendable {
  public let configuration: Configuration
  public internal(set) var counters = Counters()
  var roster = Roster()
  /// The round being worked on, or to begin once its parameters are there; then the one whose tasks are sent ahead.
  var rounds: [Round]
  var stragglers = Stragglers()
  var divergence = Divergence()
  var strangers = Throttle(most: 20), reports = Throttle(most: 60)
  /// When stragglers were last looked for.
  var lastLook: Duration?
  var waiting: String?
  var end: End?
  var now = Duration.zero
  var actions: [Action] = []

  /// - Parameter first: `Schedule.firstRound(after:)` the steps already done. `Event.parameters` opens it.
  public init(_ configuration: Configuration, first: RoundID) {
    self.configuration = configuration
    rounds = [Round(first, configuration.schedule)]
  }

  /// Takes one event in and says what is to be done about it.
  ///
  /// - Parameter now: time since any fixed moment, never going back.
  public mutating func handle(_ event: Event, now: Duration) -> [Action] {
    self.now = now
    roster.forget(olderThan: configuration.policy.memory, now)
    if let end {
      answer(event, after: end)
    } else {
      take(event)
      handOut()
      // Not at the next tick only: an idle worker could have done several by then.
      if case .result = event, end == nil { reissueStragglersAgain() }
      tellWhetherWaiting()
    }
    defer { actions = [] }
    return actions
  }

  /// Workers that get tasks.
  public var activeWorkers: Int { roster.workers.count { $0.stage == .active } }
  /// Whether no worker is connected. Once the run is over each leaves when it has heard so.
  public var isDeserted: Bool { roster.workers.isEmpty }
  /// The round being worked on, how many of its tasks are folded and how many there are.
  public var progress: (round: RoundID, folded: Int, count: Int) {
    (round.id, round.prefix, round.tasks.count)
  }
  /// How far beyond the first unfolded index units are handed out: far enough that one slow worker keeps nobody waiting, as
  /// long as memory allows (`Policy.keptResults`), and always so far that every core has something to do.
  public var window: Int {
    let (credit, cores) = roster.totals
    let least = cores + cores / 4
    return max(16, least, min(2 * credit, configuration.policy.keptResults))
  }

  var round: Round {
    get { rounds[0] }
    _modify { yield &rounds[0] }
  }

  private mutating func take(_ event: Event) {
    switch event {
    case .registered(let peer, let registration, let credentials):
      register(peer, as: registration, with: credentials)
    case .canary(let peer, let hash): examine(peer, hash)
    case .heartbeat(let peer, let work): noteHeartbeat(peer, work)
    case .result(let peer, let report): receive(report, from: peer)
    case .unreadable(let peer, let error): refuse(peer, error)
    case .goodbye(let peer): lose(peer, because: "it said goodbye")
    case .reported(let peer, let report): noteReport(peer, report)
    case .unreachable(let peer): lose(peer, because: "it cannot be reached")
    case .died(let worker, let crash): noteDeath(worker, crash)
    case .parameters(let step, let sha256): begin(step, sha256)
    case .replayed(let task, let outcome): settle(task, by: outcome)
    case .interrupted: finish(.interrupted)
    case .tick: lookForTrouble()
    }
  }

  mutating func send(_ order: Order, to peers: [Peer]) {
    if !peers.isEmpty { actions.append(.send(order, to: peers)) }
  }

  mutating func note(_ note: Note) { actions.append(.note(note)) }

  private mutating func tellWhetherWaiting() {
    let isWaiting = end == nil && !roster.hasActive
    let reason = isWaiting ? Self.waitingReason(active: 0, connected: roster.workers.count) : nil
    if reason != waiting { note(.waiting(reason)) }
    waiting = reason
  }

  static func waitingReason(active: Int, connected: Int) -> String? {
    if active > 0 { return nil }
    return connected == 0 ? "no worker is connected" : "no worker has passed its canary yet"
  }
}
