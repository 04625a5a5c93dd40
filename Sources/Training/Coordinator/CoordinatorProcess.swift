import Checkpoints
import Coordination
import Foundation
import Messages
public import MetaLearning
import Networks
import Numerics
import Platform
import RunDirectory
import TrainingData
public import Transport

/// The coordinator of a training: owns the tensors, the files and the socket, and does what the state machine in
/// `Coordination` decides. One thread (the caller's) handles all events; the socket and replays have their own.
public final class CoordinatorProcess {
  public struct Options: Sendable {
    public var configuration: RunConfiguration
    public var folder: String
    /// Such as tcp://127.0.0.1:* for any free port.
    public var listen: String
    /// The host by which others are told to find it; nil for this machine's name where it listens on all interfaces.
    public var advertise: String?
    /// Go on although data or settings are not the checkpoint's.
    public var force = false
    /// Seconds to wait for another coordinator of the run to end.
    public var waitForLease = 0.0
    public var programVersion: String
    /// Which workers are let in; nil: whoever reaches the address.
    public var keys: ServerKeys?

    public init(configuration: RunConfiguration, folder: String, listen: String, programVersion: String) {
      (self.configuration, self.folder, self.listen) = (configuration, folder, listen)
      self.programVersion = programVersion
    }
  }

  /// How the training stands, for whoever shows it.
  public struct Status: Sendable {
    public var step = 0, steps = 0, tasks = 0
    public var tasksPerSecond = 0.0, secondsLeft = 0.0
    /// Means over the tasks since the last status.
    public var means = TaskMeans()
    /// L2 norms of the last outer step's gradients.
    public var generatorNorm = 0.0, discriminatorNorm = 0.0
    /// What is known of the gradient noise scale.
    public var noise = GradientNoise()
    public var workers = 0
    public var counters: Counters?
  }

  /// Where workers find it.
  public let endpoint: String
  /// Told of everything worth a line.
  let onLine: (LogLevel, String) -> Void
  let onStatus: (Status) -> Void

  let options: Options
  let opened: OpenRun
  let outer: OuterLoop
  var machine: Coordinator
  let welcome: Welcome
  let inbox: Inbox
  let router: Router
  let replays: ReplayThread
  private let begin = Deadline.now
  private var lastTick = Deadline.now
  /// Seconds between two looks at all workers.
  private static let tickInterval = 0.1

  /// Results accepted and not yet folded, and those of a replay.
  var results: [ResultID: TaskResult] = [:]
  var evaluated: [TaskResult] = []
  var waitingOrders: [WaitingOrder] = []
  var keeper: CheckpointKeeper
  var meter: Meter
  let curves: Curves
  let board: StatusBoard
  let guardian: DataGuard
  var faults = FaultCounts()
  var end: End?
  /// Set by an event: the newest state is to be written now.
  var isSaveWanted = false
  /// Why no worker of this machine will come any more.
  var desertion: String?
  var newParameters: Coordination.Event?
  var nextResult = 0

  /// Opens the run and listens; workers may come from now on.
  /// - Throws: one error with one clear line, of the module where it arose.
  public init(
    _ options: Options, onLine: @escaping (LogLevel, String) -> Void,
    onStatus: @escaping (Status) -> Void = { _ in }
  ) throws {
    (self.options, self.onLine, self.onStatus) = (options, onLine, onStatus)
    let log: (String) -> Void = { onLine(.info, $0) }
    let configuration = options.configuration
    try configuration.validate()
    opened = try OpenRun(
      RunFolder(options.folder), configuration, force: options.force, waitForLease: options.waitForLease,
      log: log)
    for remark in opened.remarks { log(remark) }
    guardian = try DataGuard(opened.pictures)
    outer = try OuterLoop(opened.state, diverged: opened.diverged, opened.pictures)
    let incarnation = Int(opened.lease.incarnation)
    welcome = try Self.welcome(opened, incarnation)
    let settings = try Self.machineSettings(
      configuration, welcome: welcome, programVersion: options.programVersion)
    let schedule = settings.schedule
    isDone = schedule.firstRound(after: opened.state.step) == nil
    machine = Coordinator(
      settings,
      first: schedule.firstRound(after: opened.state.step) ?? RoundID(.training, step: opened.state.step))
    keeper = CheckpointKeeper(opened.store, log: log)
    meter = Meter(steps: schedule.steps, batch: schedule.batch, step: opened.state.step)
    curves = Curves(folder: opened.lease.folder.events, firstStep: opened.state.step + 1, log)
    board = StatusBoard(opened, log: log)
    let inbox = Inbox(OuterLoopJudge(outer))
    self.inbox = inbox
    replays = try ReplayThread(folder: URL(filePath: options.folder)) { inbox.add(.replayed($0, $1)) }
    let context = try Context()
    var socketOptions = SocketOptions()
    socketOptions.security = try options.keys.guarding(context, as: .worker) { inbox.add(.note($0)) }
    router = try Router(context, listeningAt: options.listen, socketOptions) { inbox.take($0) }
    endpoint = router.endpoint
    try opened.lease.publish(
      endpoint: AdvertisedAddress.of(
        endpoint, host: options.advertise, machine: ProcessInfo.processInfo.hostName))
    faults.leaseWaits = opened.leaseWaits
  }

  /// The newest that this process has written.
  public var lastCheckpoint: String? { keeper.newest }

  /// Whether the checkpoint found is the run's last.
  private let isDone: Bool

  /// On the machine's clock.
  var now: Duration { .seconds(begin.elapsed) }

  /// What others may ask of it, from any thread.
  public struct Controls: Sendable {
    fileprivate let inbox: Inbox

    /// Ends the training as soon as possible, to be resumed.
    public func interrupt() { inbox.add(.interrupted) }

    /// Writes a checkpoint now; training goes on.
    public func save() { inbox.add(Inbox.Event.save) }

    /// No process of this machine will compute any more: the training ends, unless workers elsewhere take part.
    public func noteDesertion(_ reason: String) { inbox.add(Inbox.Event.deserted(reason)) }
  }

  public var controls: Controls { Controls(inbox: inbox) }

  /// Trains until the run is done or ends otherwise. The socket is closed and the lease released before it returns.
  /// - Throws: `TrainingDataError` where the pictures' data was changed, `TrainingError.deserted`, `RunDirectoryError`
  ///   where the last checkpoint could not be written or the lease is lost, `TransportError`.
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
      let events = inbox.wait(atMost: waitingOrders.isEmpty ? 0.2 : 0.01)
      for event in events where end == nil { try handle(event) }
      try sendOrders()
      if end == nil, lastTick.elapsed >= Self.tickInterval {
        lastTick = .now
        try handle(.tick)
      }
      try attend()
      if let status = meter.report(workers: machine.activeWorkers, machine.counters) {
        onStatus(status)
        curves.write(status)
        show(status)
      }
    }
    awaitGoodbyes()
    return end ?? .interrupted
  }

  /// What falls due between events.
  private func attend() throws {
    if keeper.isDue() { try checkpoint() }
    if isSaveWanted, end == nil {
      isSaveWanted = false
      try checkpoint()
      if keeper.newestStanding?.step == outer.state.step {
        log("told to write a checkpoint; training goes on")
      }
    }
    if end == nil, let desertion, machine.isDeserted {
      outer.restartStep()
      try checkpoint(required: true)
      throw TrainingError.deserted(reason: desertion)
    }
  }

  private func show(_ status: Status) {
    board.note(machine.standings, now: now)
    board.note(faults.shown(machine.counters))
    board.show(status, (try? outer.recentKernels()) ?? [])
  }

  /// Until all workers have heard that the run is over: libzmq drops what a peer has not read when its connection
  /// closes, and it would look for a coordinator in vain.
  private func awaitGoodbyes() {
    let deadline = Deadline.after(5)
    while end != .interrupted, !machine.isDeserted, .now < deadline {
      for event in inbox.wait(atMost: 0.2) where (try? handle(event)) == nil { return }
    }
  }

  /// A predecessor may have died before it could tell its workers that the run is over; they look for its successor
  /// every two seconds at most.
  private func dismissWorkers() {
    let deadline = Deadline.after(3)
    while .now < deadline {
      for event in inbox.wait(atMost: 0.2) {
        guard case .machine(.registered(let peer, _, _)) = event else { continue }
        router.send(CoordinatorMessage.shutdown(.finished).encoded(), to: [peer])
      }
    }
  }

  private func close() {
    guardian.close()
    replays.close()
    router.close()
    if let last = meter.report(workers: machine.activeWorkers, machine.counters, every: 0) { show(last) }
    board.close(end)
    opened.lease.release()
  }
}
