import BlurKernels
import Checkpoints
import Coordination
import Foundation
import Messages
import MetaLearning
import Networks
import Numerics
import RunDirectory
public import Transport

/// The coordinator of a training: owns the tensors, the files and the socket, and does what the state machine in
/// `Coordination` decides. One thread (the caller's) handles all events; the socket and replays have their own.
public final class CoordinatorProcess {
  public struct Options: Sendable {
    public var configuration: RunConfiguration
    public var folder: String
    /// Such as tcp://127.0.0.1:* for any free port.
    public var listen: String
    /// Go on although data or settings are not the checkpoint's.
    public var force: Bool
    public var programVersion: String
    /// Which workers are let in; nil: whoever reaches the address.
    public var keys: ServerKeys?

    public init(
      configuration: RunConfiguration, folder: String, listen: String, force: Bool, programVersion: String
    ) {
      (self.configuration, self.folder, self.listen) = (configuration, folder, listen)
      (self.force, self.programVersion) = (force, programVersion)
    }
  }

  /// How the training stands, for whoever shows it.
  public struct Status: Sendable {
    public var step = 0, steps = 0, tasks = 0
    public var tasksPerSecond = 0.0, secondsLeft = 0.0
    /// Means over the tasks since the last status: the last evaluation's losses, kernel PSNR before and after adaptation.
    public var kernelLoss = 0.0, generatorLoss = 0.0, discriminatorLoss = 0.0
    public var psnrBefore = 0.0, psnrAfter = 0.0
    /// L2 norms of the last outer step's gradients.
    public var generatorNorm = 0.0, discriminatorNorm = 0.0
    public var workers = 0
    public var counters: Counters?
  }

  /// Where workers find it.
  public let endpoint: String
  /// Told of everything worth a line.
  private let log: (String) -> Void
  private let onStatus: (Status) -> Void

  private let options: Options
  private let opened: OpenRun
  private let outer: OuterLoop
  private var machine: Coordinator
  private let welcome: Welcome
  private let inbox: Inbox
  private let router: Router
  private let replays: ReplayThread
  private let begin = ContinuousClock.now

  /// Results accepted and not yet folded, and those of a replay.
  private var results: [ResultID: TaskResult] = [:]
  private var evaluated: [TaskResult] = []
  private var keeper: CheckpointKeeper
  private var meter: Meter
  private let curves: Curves
  private let board: StatusBoard
  private var end: End?

  /// Opens the run and listens; workers may come from now on.
  /// - Throws: one error with one clear line, of the module where it arose.
  public init(
    _ options: Options, log: @escaping (String) -> Void, onStatus: @escaping (Status) -> Void = { _ in }
  ) throws {
    (self.options, self.log, self.onStatus) = (options, log, onStatus)
    let configuration = options.configuration
    try configuration.validate()
    opened = try OpenRun(RunFolder(options.folder), configuration, force: options.force)
    for remark in opened.remarks { log(remark) }
    outer = try OuterLoop(opened.state, diverged: opened.diverged, opened.pictures)
    let incarnation = Int(opened.lease.incarnation)
    welcome = try Self.welcome(opened, incarnation)
    let run = configuration.run
    let batch = configuration.training.taskBatchSize
    let schedule = Schedule(
      steps: run.steps, batch: batch, evaluationInterval: run.evaluationTasks > 0 ? run.evaluateEvery : 0,
      evaluationCount: max(run.evaluationTasks, 1))
    var policy = Policy()
    policy.divergedShare = run.divergedLimit
    let settings = Configuration(
      run: opened.identifier, incarnation: incarnation, seed: configuration.training.seed,
      programVersion: options.programVersion, architecture: try Architecture.fingerprint(),
      canaryHash: try TaskComputation().run(
        welcome.canary, MetaLearning.InnerLoop(welcome.innerLoop)),
      schedule: schedule, taskSteps: welcome.innerLoop.adaptationSteps, secret: WorkerSecret.prepare(),
      verifiedShare: run.verify, policy: policy)
    isDone = schedule.firstRound(after: opened.state.step) == nil
    machine = Coordinator(
      settings,
      first: schedule.firstRound(after: opened.state.step) ?? RoundID(.training, step: opened.state.step))
    keeper = CheckpointKeeper(opened.store, log: log)
    meter = Meter(steps: run.steps, batch: batch, step: opened.state.step)
    curves = Curves(folder: opened.lease.folder.events, firstStep: opened.state.step + 1, log)
    board = StatusBoard(opened, log: log)
    let inbox = Inbox(OuterLoopJudge(outer))
    self.inbox = inbox
    replays = ReplayThread(folder: URL(filePath: options.folder)) { inbox.add(.replayed($0, $1)) }
    let context = try Context()
    var socketOptions = SocketOptions()
    socketOptions.security = try options.keys.guarding(context, as: .worker) { inbox.add(.note($0)) }
    router = try Router(context, listeningAt: options.listen, socketOptions) { inbox.take($0) }
    endpoint = router.endpoint
    try opened.lease.publish(endpoint: endpoint)
  }

  /// The newest that this process has written.
  public var lastCheckpoint: String? { keeper.newest }

  /// Whether the checkpoint found is the run's last.
  private let isDone: Bool

  private static func welcome(_ run: OpenRun, _ incarnation: Int) throws -> Welcome {
    var random = Philox(key: Philox.key(1, .canary))
    let crop = (0..<MetaTask.cropSide * MetaTask.cropSide * 3).map { _ in
      UInt8(truncatingIfNeeded: random.next())
    }
    let kernel = KernelDistribution.paper.draw(using: &random).values.map(Float.init)
    let content = MetaTask(crop: crop, kernel: kernel, imageNoise: 0, key: random.next()).content(
      intervalWeights: [1])
    return Welcome(
      run: run.identifier, incarnation: incarnation, innerLoop: run.configuration.training.taskLoop.wire,
      canary: Canary(content: content, parametersKey: random.next(), adaptationSteps: 3))
  }

  /// Ends the training as soon as possible, to be resumed; from any thread.
  public var interrupt: @Sendable () -> Void { { [inbox] in inbox.add(.interrupted) } }

  /// Trains until the run is done or ends otherwise. The socket is closed and the lease released before it returns.
  public func run() throws -> End {
    defer { close() }
    if isDone {
      log("the run has done all its \(options.configuration.run.steps) steps")
      dismissWorkers()
      end = .finished
      return .finished
    }
    if opened.state.step == 0 { try checkpoint() }
    try handle(.parameters(step: opened.state.step, sha256: outer.parametersHash))
    while end == nil {
      for event in inbox.wait(atMost: 0.2) where end == nil { try handle(event) }
      if end == nil { try handle(.tick) }
      if keeper.isDue { try checkpoint() }
      if let status = meter.report(workers: machine.activeWorkers, machine.counters) {
        onStatus(status)
        curves.write(status)
        show(status)
      }
    }
    awaitGoodbyes()
    return end ?? .interrupted
  }

  private func show(_ status: Status) {
    board.note(machine.standings, now: ContinuousClock.now - begin)
    board.show(status, (try? outer.recentKernels()) ?? [])
  }

  /// Until all workers have heard that the run is over: libzmq drops what a peer has not read when its connection
  /// closes, and it would look for a coordinator in vain.
  private func awaitGoodbyes() {
    let deadline = ContinuousClock.now + .seconds(5)
    while end != .interrupted, !machine.isDeserted, ContinuousClock.now < deadline {
      for event in inbox.wait(atMost: 0.2) where (try? handle(event)) == nil { return }
    }
  }

  /// A predecessor may have died before it could tell its workers that the run is over; they look for its successor
  /// every two seconds at most.
  private func dismissWorkers() {
    let deadline = ContinuousClock.now + .seconds(3)
    while ContinuousClock.now < deadline {
      for event in inbox.wait(atMost: 0.2) {
        guard case .machine(.registered(let peer, _, _)) = event else { continue }
        router.send(CoordinatorMessage.shutdown(.finished).encoded(), to: [peer])
      }
    }
  }

  private func close() {
    replays.close()
    router.close()
    if let last = meter.report(workers: machine.activeWorkers, machine.counters, every: 0) { show(last) }
    board.close(end)
    opened.lease.release()
  }

  // MARK: events and actions

  private func handle(_ event: Inbox.Event) throws {
    switch event {
    case .machine(let event): try handle(event)
    case .result(let peer, let result, let quality):
      try handle(.result(peer, keep(result, quality)))
    case .replayed(let task, let outcome): try handle(.replayed(task, keep(outcome)))
    case .note(let line): log(line)
    case .failed(let error): throw error
    }
  }

  private func handle(_ event: Coordination.Event) throws {
    for action in machine.handle(event, now: ContinuousClock.now - begin) { try perform(action) }
    // What actions bring about is told once all of them are done.
    if let next = newParameters {
      newParameters = nil
      try handle(next)
    }
  }

  private var newParameters: Coordination.Event?

  private var nextResult = 0

  private func keep(_ result: TaskResult) -> ResultID {
    nextResult += 1
    let id = ResultID(nextResult)
    results[id] = result
    return id
  }

  private func keep(_ result: TaskResult, _ quality: ResultReport.Quality) -> ResultReport {
    ResultReport(
      id: keep(result), origin: result.origin, task: result.task, hash: result.checksum, quality: quality)
  }

  private func keep(_ outcome: Replay.Outcome) -> ReplayOutcome {
    switch outcome {
    case .died(let signal, let reason): return .failed(signal: signal, reason)
    case .result(let result):
      switch outer.verdict(of: result) {
      case .sound: return .sound(keep(result), hash: result.checksum)
      case .suspicious: return .diverged
      case .broken(let reason): return .failed(signal: nil, reason)
      }
    }
  }

  private func perform(_ action: Action) throws {
    switch action {
    case .send(let order, let peers): try send(order, to: peers)
    case .fold(let task, let id): fold(task, results.removeValue(forKey: id))
    case .leaveOut(let task): outer.leaveOut(task)
    case .discard(let id): results[id] = nil
    case .replay(let task, let reason): try replay(task, reason)
    case .restart(let round):
      if round.kind == .training { outer.restartStep() } else { evaluated = [] }
    case .finish(let summary): try finish(summary)
    case .note(let note): log(note.description)
    case .end(let end): try finish(end)
    }
  }

  private func fold(_ task: TaskID, _ result: TaskResult?) {
    guard let result else { return }
    switch task.round.kind {
    case .training:
      outer.fold(result)
      meter.count(result.timings)
    case .evaluation: evaluated.append(result)
    }
  }

  private func replay(_ task: TaskID, _ reason: ReplayReason) throws {
    let parameters = outer.parameters(opened.identifier, Int(opened.lease.incarnation))
    let order = TaskOrder(
      run: welcome.run, incarnation: welcome.incarnation, id: task, parameters: parameters.origin.parameters,
      content: try outer.content(of: task))
    replays.add(welcome, parameters, order)
  }

  // MARK: sending

  private func send(_ order: Order, to peers: [Peer]) throws {
    router.send(try message(order).encoded(), to: peers)
  }

  private func message(_ order: Order) throws -> CoordinatorMessage {
    switch order {
    case .welcome: .welcome(welcome)
    case .parameters: .parameters(outer.parameters(opened.identifier, welcome.incarnation))
    case .task(let task, let parameters):
      .task(
        TaskOrder(
          run: welcome.run, incarnation: welcome.incarnation, id: task, parameters: parameters,
          content: try outer.content(of: task)))
    case .cancel(let task): .cancel(task)
    case .registerAgain: .registerAgain
    case .reject(let rejection): .rejection(rejection)
    case .shutdown(let reason): .shutdown(reason)
    }
  }

  // MARK: ends of rounds, checkpoints

  private func finish(_ summary: RoundSummary) throws {
    if summary.round.kind == .evaluation {
      let evaluation = try outer.evaluation(evaluated)
      evaluated = []
      log(
        "after \(summary.round.step) steps: kernel PSNR of \(summary.valid) held-out tasks "
          + "\(format(evaluation.before)) dB before adaptation, \(format(evaluation.after)) dB after")
      curves.write(evaluation, step: summary.round.step)
      keeper.recordEvaluation(
        step: summary.round.step, before: evaluation.before, after: evaluation.after, tasks: summary.valid)
      board.note(evaluation, step: summary.round.step)
      return
    }
    meter.finish(try outer.finishStep())
    keeper.noteChange()
    let run = options.configuration.run
    let step = outer.state.step
    if step % run.checkpointEvery == 0 || step == run.steps
      || machine.configuration.schedule.isEvaluated(after: step)
    {
      try checkpoint()
    }
    newParameters = .parameters(step: step, sha256: outer.parametersHash)
  }

  private func finish(_ end: End) throws {
    self.end = end
    outer.restartStep()
    if keeper.isUnsaved || end != .finished { try checkpoint(required: true) }
    log(end.description)
  }

  private func checkpoint(required: Bool = false) throws {
    let bytes = try outer.state.encoded(data: opened.pictures.fingerprint, diverged: outer.diverged)
    try keeper.write(bytes, step: outer.state.step, sidecar: meter.sidecar, required: required)
    if let newest = keeper.newestStanding { board.note(newest) }
  }
}

func format(_ value: Double) -> String { String(format: "%.2f", value) }
