import Coordination
import Messages
import Numerics

/// A coordinator, workers of every kind and a network, driven by a seeded choice of what happens next. What a task
/// comes to is a function of its name, so what the run must fold is known beforehand.
struct Simulation {
  struct Settings {
    var schedule: Schedule
    var verifiedShare = 0.0
    /// Probability that a worker does something wrong with a result.
    var mischief = 0.0
    /// Whether wrong results that look sound are sent alone; only verification finds those.
    var lies = false
  }

  /// What a round folded: the hash of each result, nil for a task left out.
  typealias Folds = [UInt64?]

  private let settings: Settings
  private(set) var coordinator: Coordinator
  private var random: Philox
  private var now = Duration.zero
  private var workers: [SimulatedWorker] = []
  private var names = 0
  private var numbers = 0
  private var isCalm = false

  private var replays: [TaskID] = []
  private var parametersDue: Int?
  private var folding = Folds()

  private(set) var rounds: [(round: RoundID, folds: Folds)] = []
  private(set) var live: [ResultID: UInt64] = [:]
  private(set) var end: End?
  private(set) var failures: [String] = []
  private(set) var events = 0
  private var largestWindow = 16
  private var largestCredit = 0

  init(_ settings: Settings, seed: UInt64) {
    self.settings = settings
    random = Philox(key: seed)
    var policy = Policy()
    policy.divergedShare = 1
    policy.stragglerFloor = .seconds(1)
    // Some replays are killed here, which says nothing about the task.
    policy.marks = 100
    let configuration = Configuration(
      run: "run", incarnation: 2, seed: 5, programVersion: "1", architecture: "a", canaryHash: 7,
      schedule: settings.schedule, verifiedShare: settings.verifiedShare, policy: policy)
    coordinator = Coordinator(configuration, first: settings.schedule.firstRound(after: 0)!)
    parametersDue = 0
  }

  /// Storm for a while, then calm until the end.
  mutating func run(storm: Int) {
    for _ in 0..<storm where end == nil { happen() }
    isCalm = true
    join()
    for _ in 0..<20_000 where end == nil { happen() }
    if end != .finished { failures.append("the run did not finish: \(String(describing: end))") }
    if !live.isEmpty { failures.append("\(live.count) results were never let go of") }
  }

  static func parameters(_ step: Int) -> String { "parameters-\(step)" }

  // MARK: what happens

  private mutating func happen() {
    switch chance(100) {
    case 0..<30: work()
    case 30..<70: deliver()
    case 70..<80: answerReplay()
    case 80..<88: bringParameters()
    case 88..<94: passTime()
    case 94..<97 where !isCalm && workers.count < 6: join()
    case 97..<100 where !isCalm: trouble()
    default: deliver()
    }
  }

  private mutating func join() {
    names += 1
    let name = "worker-\(names)"
    workers.append(SimulatedWorker(name: name, cores: 1 + chance(2), isHonest: isCalm || chance(2) == 0))
    register(workers.count - 1)
  }

  private mutating func register(_ i: Int) {
    numbers += 1
    workers[i].startAgain(peer: withUnsafeBytes(of: numbers) { Array($0) })
    let registration = Registration(
      worker: workers[i].name, programVersion: "1", architecture: "a", host: "host", process: 1,
      cores: workers[i].cores)
    let credentials = Credentials(address: chance(4) == 0 ? "shared" : workers[i].name)
    workers[i].outgoing.append(.registered(workers[i].peer, registration, credentials))
  }

  private mutating func trouble() {
    guard !workers.isEmpty else { return }
    let i = chance(workers.count)
    switch chance(6) {
    case 0:  // killed; the connection's end is noticed, by a send that fails or by silence
      let worker = workers.remove(at: i)
      if chance(2) == 0 { tell(.unreachable(worker.peer)) }
    case 1:  // killed and seen by its supervisor, which starts it again
      let crash = Crash(number: 1, signal: 9, run: "run", task: TaskID(RoundID(.training, step: 0), 0))
      tell(.died(worker: workers[i].name, crash))
      register(i)
    case 2:  // the connection broke
      register(i)
    case 3: tell(.goodbye(workers.remove(at: i).peer))
    case 4: workers[i].isStopped.toggle()
    default: if !workers[i].isHonest { workers[i].outgoing.append(.unreadable(workers[i].peer, .noBody)) }
    }
  }

  private mutating func passTime() {
    now += .milliseconds(1 + chance(4000))
    for i in workers.indices where isCalm || !workers[i].isStopped {
      workers[i].outgoing.append(.heartbeat(workers[i].peer, workers[i].work))
    }
    tell(.tick)
  }

  private mutating func deliver() {
    let talking = workers.indices.filter {
      !workers[$0].outgoing.isEmpty && (isCalm || !workers[$0].isStopped)
    }
    guard !talking.isEmpty else { return }
    tell(workers[talking[chance(talking.count)]].outgoing.removeFirst())
  }

  private mutating func bringParameters() {
    guard let step = parametersDue else { return }
    parametersDue = nil
    tell(.parameters(step: step, sha256: Self.parameters(step)))
  }

  private mutating func answerReplay() {
    guard !replays.isEmpty else { return }
    let task = replays.remove(at: chance(replays.count))
    if !isCalm, chance(20) == 0 { return tell(.replayed(task, .failed(signal: 9, "killed"))) }
    guard let truth = Self.truth(task) else { return tell(.replayed(task, .diverged)) }
    tell(.replayed(task, .sound(keep(truth), hash: truth, leftOut: Self.leftOut(task))))
  }

  // MARK: workers

  private mutating func work() {
    let able = workers.indices.filter { workers[$0].canWork && (isCalm || !workers[$0].isStopped) }
    guard !able.isEmpty else { return }
    let i = able[chance(able.count)]
    if workers[i].owesCanary {
      workers[i].owesCanary = false
      return workers[i].outgoing.append(.canary(workers[i].peer, hash: 7))
    }
    guard let task = workers[i].nextTask() else { return }
    let isMischievous = !isCalm && !workers[i].isHonest && Double(chance(1000)) < 1000 * settings.mischief
    if isMischievous { misbehave(i, with: task) } else { report(i, of: task) }
  }

  private mutating func report(_ i: Int, of task: TaskID) {
    let truth = Self.truth(task)
    let quality: ResultReport.Quality =
      truth == nil ? .unsound("not finite") : Self.leftOut(task).isEmpty ? .sound : .partial("some")
    report(i, of: task, hash: truth ?? 0, quality: quality)
  }

  private mutating func report(
    _ i: Int, of task: TaskID, hash: UInt64, quality: ResultReport.Quality, incarnation: Int = 2,
    parameters: String? = nil
  ) {
    let origin = Origin(
      run: "run", incarnation: incarnation, parameters: parameters ?? Self.parameters(task.round.step))
    let report = ResultReport(id: ResultID(-1), origin: origin, task: task, hash: hash, quality: quality)
    workers[i].outgoing.append(.result(workers[i].peer, report))
  }

  private mutating func misbehave(_ i: Int, with task: TaskID) {
    let lie = random.next() | 1
    // Evaluations are not verified: they change nothing.
    switch chance(settings.lies && task.round.kind == .training ? 9 : 8) {
    case 0: break  // forgets to answer
    case 1: report(i, of: task, hash: 1, quality: .broken("its checksum is wrong"))
    case 2: report(i, of: task, hash: 0, quality: .unsound("not finite"))
    case 3:  // twice
      report(i, of: task)
      report(i, of: task)
    case 4: contradictItself(i, with: task, lie: lie)
    case 5: report(i, of: task, hash: lie, quality: .sound, incarnation: 1)
    case 6:
      report(
        i, of: TaskID(task.round, task.index + chance(50), block: task.block), hash: lie, quality: .sound,
        parameters: "others")
    case 7: lieAndCorrect(i, with: task, lie: lie)
    default: report(i, of: task, hash: lie, quality: .sound)
    }
  }

  /// Twice, and not the same. Both arrive at once: a lie that is still on its way when the step begins again may be taken for
  /// the first, and nothing but verification finds it then, as any other lie.
  private mutating func contradictItself(_ i: Int, with task: TaskID, lie: UInt64) {
    report(i, of: task)
    tell(workers[i].outgoing.removeLast())
    guard i < workers.count else { return }
    report(i, of: task, hash: lie, quality: .sound)
    tell(workers[i].outgoing.removeLast())
  }

  /// A wrong result that may be folded at once, and the right one before the round can end.
  private mutating func lieAndCorrect(_ i: Int, with task: TaskID, lie: UInt64) {
    let (round, folded, count) = coordinator.progress
    let diverging = (folded..<count).count { Self.truth(TaskID(round, $0, block: task.block)) == nil }
    let isLast = count - folded - live.count - diverging <= 1
    if task.round == round, !isLast {
      report(i, of: task, hash: lie, quality: .sound)
      tell(workers[i].outgoing.removeLast())
    }
    guard i < workers.count else { return }
    report(i, of: task)
    tell(workers[i].outgoing.removeLast())
  }

  // MARK: the coordinator's process

  /// A result's bytes arrive with the event, not before.
  private mutating func tell(_ event: Event) {
    var event = event
    if case .result(let peer, var report) = event {
      report.id = keep(report.hash)
      event = .result(peer, report)
    }
    events += 1
    for action in coordinator.handle(event, now: now) { perform(action) }
    checkMemory()
  }

  private mutating func keep(_ hash: UInt64) -> ResultID {
    numbers += 1
    live[ResultID(numbers)] = hash
    return ResultID(numbers)
  }

  private mutating func perform(_ action: Action) {
    switch action {
    case .send(let order, let peers):
      for i in workers.indices where peers.contains(workers[i].peer) {
        if workers[i].take(order) { register(i) }
      }
    case .fold(let task, let id):
      if task.index != folding.count { failures.append("\(task) folded out of order") }
      folding.append(letGo(id))
    case .leaveOut(let task):
      if task.index != folding.count { failures.append("\(task) left out, out of order") }
      folding.append(nil)
    case .discard(let id): _ = letGo(id)
    case .replay(let task, _): replays.append(task)
    case .restart: folding = []
    case .finish(let summary):
      rounds.append((summary.round, folding))
      let block = settings.schedule.block(of: summary.round)
      let expected = folding.indices.flatMap { Self.leftOut(TaskID(summary.round, $0, block: block)) }
      if summary.diverged != expected { failures.append("\(summary.diverged) diverged, not \(expected)") }
      folding = []
      if summary.round.kind == .training { parametersDue = summary.round.step + 1 }
    case .note: break
    case .end(let end): self.end = end
    }
  }

  private mutating func letGo(_ id: ResultID) -> UInt64 {
    guard let hash = live.removeValue(forKey: id) else {
      failures.append("result \(id.number) let go of twice")
      return 0
    }
    return hash
  }

  /// What is kept never exceeds the window, but for what was on its way when a step began again or workers left.
  private mutating func checkMemory() {
    let credit = workers.reduce(0) { $0 + 2 * $1.cores }
    (largestWindow, largestCredit) = (max(largestWindow, coordinator.window), max(largestCredit, credit))
    if live.count > largestWindow + largestCredit { failures.append("\(live.count) results kept") }
  }

  private mutating func chance(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
}
