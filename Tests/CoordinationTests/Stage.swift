import Coordination
import Messages
import Testing

/// A coordinator with workers on strings, for one hazard at a time. Time moves only when told.
struct Stage {
  var coordinator: Coordinator
  var now = Duration.zero
  private(set) var ids = 0

  static let parameters = String(repeating: "0", count: 64)

  /// - Parameter open: whether the first step's parameters are there.
  init(
    batch: Int = 4, steps: Int = 2, evaluationInterval: Int = 0, verifiedShare: Double = 0, open: Bool = true,
    taskSteps: Int = 25, secret: String = "", block: Int = 1,
    _ adjust: (inout Policy) -> Void = { _ in }
  ) {
    var policy = Policy()
    // Two tasks a core from the start, unless a test is about earning them.
    policy.firstCredit = 4096
    adjust(&policy)
    let configuration = Configuration(
      run: "run", incarnation: 3, seed: 9, programVersion: "1.0", architecture: "a", canaryHash: 42,
      schedule: Schedule(
        steps: steps, batch: batch, evaluationInterval: evaluationInterval, evaluationCount: 2, block: block),
      taskSteps: taskSteps, secret: secret, verifiedShare: verifiedShare, policy: policy)
    coordinator = Coordinator(configuration, first: RoundID(.training, step: 0))
    if open { begin(0) }
  }

  @discardableResult
  mutating func tell(_ event: Event) -> [Action] { coordinator.handle(event, now: now) }

  @discardableResult
  mutating func begin(_ step: Int) -> [Action] { tell(.parameters(step: step, sha256: Self.parameters)) }

  @discardableResult
  mutating func wait(_ time: Duration) -> [Action] {
    now += time
    return tell(.tick)
  }

  func peer(_ name: String) -> Peer { Peer(name.utf8) }

  func registration(_ name: String, cores: Int = 1, secret: String = "", crash: Crash? = nil) -> Registration
  {
    Registration(
      worker: name, programVersion: "1.0", architecture: "a", host: "host", process: 1, cores: cores,
      secret: secret, crash: crash)
  }

  /// Registers a worker and has it pass its canary; by default each on a host of its own.
  @discardableResult
  mutating func join(
    _ name: String, cores: Int = 1, secret: String = "", at address: String? = nil, key: String? = nil
  ) -> [Action] {
    let credentials = Credentials(address: address ?? "host of \(name)", key: key)
    tell(.registered(peer(name), registration(name, cores: cores, secret: secret), credentials))
    return tell(.canary(peer(name), hash: 42))
  }

  @discardableResult
  mutating func heartbeat(_ name: String, _ work: Work? = nil) -> [Action] {
    tell(.heartbeat(peer(name), work))
  }

  /// A result; by default the right one.
  @discardableResult
  mutating func result(
    _ name: String, _ index: Int, step: Int = 0, kind: RoundID.Kind = .training, hash: UInt64 = 1,
    quality: ResultReport.Quality = .sound, incarnation: Int = 3, parameters: String = parameters,
    block: Int = 1
  ) -> [Action] {
    ids += 1
    let origin = Origin(run: "run", incarnation: incarnation, parameters: parameters)
    let report = ResultReport(
      id: ResultID(ids), origin: origin, task: Stage.task(index, step: step, kind: kind, block: block),
      hash: hash, quality: quality)
    return tell(.result(peer(name), report))
  }

  /// What the coordinator's own computation came to.
  @discardableResult
  mutating func replayed(
    _ index: Int, hash: UInt64 = 1, block: Int = 1, leftOut: [Int] = []
  ) -> [Action] {
    ids += 1
    return tell(
      .replayed(Stage.task(index, block: block), .sound(ResultID(ids), hash: hash, leftOut: leftOut)))
  }

  var last: ResultID { ResultID(ids) }

  static func task(
    _ index: Int, step: Int = 0, kind: RoundID.Kind = .training, block: Int = 1
  ) -> TaskID {
    TaskID(RoundID(kind, step: step), index, block: block)
  }
}

extension [Action] {
  /// Tasks given to a worker, those sent ahead too.
  func tasks(for name: String) -> [TaskID] {
    compactMap {
      if case .send(.task(let task, _), let peers) = $0, peers.contains(Peer(name.utf8)) {
        task
      } else {
        nil
      }
    }
  }

  var folded: [Int] { compactMap { if case .fold(let task, _) = $0 { task.index } else { nil } } }
  var leftOut: [Int] { compactMap { if case .leaveOut(let task) = $0 { task.index } else { nil } } }
  var replays: [Int] { compactMap { if case .replay(let task, _) = $0 { task.index } else { nil } } }
  var notes: [String] { compactMap { if case .note(let note) = $0 { note.description } else { nil } } }
  var end: End? { compactMap { if case .end(let end) = $0 { end } else { nil } }.first }

  func orders(for name: String) -> [Order] {
    compactMap {
      if case .send(let order, let peers) = $0, peers.contains(Peer(name.utf8)) { order } else { nil }
    }
  }
}
