import Checkpoints
import Foundation
import Messages
import MetaLearning
import Networks
import Numerics
import Platform
public import Transport

/// A worker's computing process: one core, one connection. It registers, proves itself on the canary, computes the tasks
/// it is sent on the parameters it is sent, and tells every second what it is doing. The conversation runs on the
/// socket's thread and the heart on one of its own, so a long inner loop stops neither.
public final class ComputeProcess: Sendable {
  public struct Options: Sendable {
    /// Such as tcp://10.0.0.1:5555.
    public var coordinator: String
    /// Unique among workers.
    public var name: String
    public var programVersion: String
    /// Without a coordinator for so long, the process ends.
    public var giveUpAfter: TimeInterval
    /// How a predecessor of this name died.
    public var crash: Crash?
    /// Keys, where the coordinator has some.
    public var security = Security.none

    public init(
      coordinator: String, name: String, programVersion: String, giveUpAfter: TimeInterval,
      crash: Crash? = nil
    ) {
      (self.coordinator, self.name, self.programVersion) = (coordinator, name, programVersion)
      (self.giveUpAfter, self.crash) = (giveUpAfter, crash)
    }
  }

  public enum Ending: Sendable, Equatable {
    /// The run is done, or has failed: its coordinator said that no more will come.
    case finished
    case rejected(Rejection)
    /// No coordinator for the agreed time.
    case gaveUp
    case failed(String)
  }

  private struct State {
    /// Since when there has been no coordinator to speak with; nil while there is one.
    var alone: Date? = Date()
    var conversation: Welcome?
    var canary: Welcome?
    /// The newest two; tasks of a round wait for those of its step.
    var parameters: [(value: Parameters, trained: TrainedParameters)] = []
    var tasks: [TaskOrder] = []
    var work: Work?
    var ending: Ending?
  }

  private let options: Options
  private let fingerprint: String
  private let instructionSet: String
  private let state = Monitor(State())
  private let onTask: @Sendable (TaskID, String) -> Void

  /// - Parameter onTask: called when a task begins, with the run's name; whoever supervises wants to know in case it
  ///   crashes.
  public init(_ options: Options, onTask: @escaping @Sendable (TaskID, String) -> Void) throws {
    (self.options, self.onTask) = (options, onTask)
    fingerprint = try Architecture.fingerprint()
    instructionSet = try VectorUnit.current().instructionSet.rawValue
  }

  /// Works until the run or the coordinator ends it.
  public func run() throws -> Ending {
    let computation = try TaskComputation()
    let context = try Context()
    let line = Line()
    var socketOptions = SocketOptions()
    socketOptions.security = options.security
    let dealer = try Dealer(context, connectingTo: options.coordinator, socketOptions) { [self] event in
      handle(event, line)
    }
    line.connect(dealer)
    defer { dealer.close() }
    let heart = Heart(every: 1) { [state] in _ = line.send(.heartbeat(state.update { $0.work })) }
    defer { heart.stop() }
    while true {
      switch next() {
      case .end(let ending): return ending
      case .canary(let welcome):
        line.send(.canary(hash: computation.run(welcome.canary, MetaLearning.InnerLoop(welcome.innerLoop))))
      case .task(let order, let welcome, let parameters, let trained):
        compute(order, welcome, parameters, trained, computation, line)
      }
    }
  }

  private enum Job {
    case end(Ending)
    case canary(Welcome)
    case task(TaskOrder, Welcome, Parameters, TrainedParameters)
  }

  /// Waits for the next thing to do.
  private func next() -> Job {
    while true {
      // While alone, look at the clock now and then.
      if let job = state.wait(until: .after(1), for: { self.job(&$0) }) { return job }
    }
  }

  private func job(_ state: inout State) -> Job? {
    if let ending = state.ending { return .end(ending) }
    if let alone = state.alone, -alone.timeIntervalSinceNow > options.giveUpAfter { return .end(.gaveUp) }
    if let welcome = state.canary {
      state.canary = nil
      return .canary(welcome)
    }
    guard let welcome = state.conversation else { return nil }
    for (index, order) in state.tasks.enumerated() {
      let held = state.parameters.first { held in
        order.parameters.map { $0 == held.value.origin.parameters }
          ?? (held.value.step == order.id.round.step)
      }
      guard let held else { continue }
      state.tasks.remove(at: index)
      state.work = Work(task: order.id, stepsDone: 0)
      return .task(order, welcome, held.value, held.trained)
    }
    return nil
  }

  private func compute(
    _ order: TaskOrder, _ welcome: Welcome, _ parameters: Parameters, _ trained: TrainedParameters,
    _ computation: TaskComputation, _ line: Line
  ) {
    onTask(order.id, welcome.run)
    line.send(.heartbeat(Work(task: order.id, stepsDone: 0)))
    let begin = ContinuousClock.now
    let result = computation.run(
      order.content, order.id.round.kind, from: trained, MetaLearning.InnerLoop(welcome.innerLoop)
    ) { [state] steps in
      state.update { $0.work = Work(task: order.id, stepsDone: steps) }
    }
    let nanoseconds = UInt64((ContinuousClock.now - begin).seconds * 1e9)
    state.update { $0.work = nil }
    line.send(
      .result(
        TaskResult(
          origin: parameters.origin, task: order.id, gradient: result.gradient, losses: result.figures,
          timings: .init(computeNanoseconds: nanoseconds))))
  }

  // MARK: the conversation, on the socket's thread

  private func handle(_ event: Dealer.Event, _ line: Line) {
    switch event {
    case .connected: register(line)
    case .disconnected: forget(alone: true)
    case .refused:
      state.update {
        $0.ending = .failed(
          "the coordinator does not admit this worker's key, or has another than --server-key says")
      }
    case .failed(let error): state.update { $0.ending = .failed("\(error)") }
    case .received(let bytes):
      do { try take(CoordinatorMessage(decoding: bytes), line) } catch {
        state.update { $0.ending = .failed("the coordinator sent what cannot be understood: \(error)") }
      }
    }
  }

  private func register(_ line: Line) {
    forget(alone: true)
    line.send(
      .registration(
        Registration(
          worker: options.name, programVersion: options.programVersion, architecture: fingerprint,
          host: ProcessInfo.processInfo.hostName, process: Int(getpid()), cores: 1,
          instructionSet: instructionSet, secret: WorkerSecret.inherited, crash: options.crash)))
  }

  /// A new conversation begins from nothing.
  private func forget(alone: Bool) {
    state.update { state in
      (state.conversation, state.canary, state.tasks, state.parameters) = (nil, nil, [], [])
      if alone, state.alone == nil { state.alone = Date() }
    }
  }

  private func take(_ message: CoordinatorMessage, _ line: Line) throws {
    switch message {
    case .welcome(let welcome):
      state.update { ($0.alone, $0.conversation, $0.canary) = (nil, welcome, welcome) }
    case .parameters(let parameters): try keep(parameters)
    case .task(let order): enqueue(order)
    case .cancel(let task): state.update { $0.tasks.removeAll { $0.id == task } }
    case .registerAgain: register(line)
    case .rejection(let rejection): state.update { $0.ending = .rejected(rejection) }
    case .shutdown(.interrupted): forget(alone: true)
    case .shutdown:
      // At once, not when the task at hand is done: the coordinator waits for it.
      line.send(.goodbye)
      state.update { $0.ending = .finished }
    }
  }

  private func enqueue(_ order: TaskOrder) {
    state.update { state in
      guard let welcome = state.conversation else { return }
      if TaskComputation.canRun(order.content, MetaLearning.InnerLoop(welcome.innerLoop)) {
        state.tasks.append(order)
      } else {
        state.ending = .failed("the coordinator sent \(order.id) in another shape than this program's tasks")
      }
    }
  }

  /// Only parameters that are what they are called are kept.
  private func keep(_ parameters: Parameters) throws {
    let hash = try parameters.values.withUnsafeBytes { try SHA256.hex(of: Array($0)) }
    guard let loop = state.update({ $0.conversation?.innerLoop }) else { return }
    let predicts = MetaLearning.InnerLoop(loop).predicts
    let count = TrainedParameters.count(predicting: predicts)
    guard hash == parameters.origin.parameters, parameters.values.count == count else {
      state.update { $0.ending = .failed("the parameters of step \(parameters.step) arrived damaged") }
      return
    }
    let trained = TrainedParameters(values: parameters.values, predicting: predicts)
    state.update { $0.parameters = [(parameters, trained)] + $0.parameters.prefix(1) }
  }
}

/// The dealer once it is there; its handler may speak before the initialiser has returned it.
final class Line: Sendable {
  private let dealer = Monitor<Dealer?>(nil)

  func connect(_ dealer: Dealer) { self.dealer.update { $0 = dealer } }

  @discardableResult
  func send(_ message: WorkerMessage) -> Bool { dealer.wait { $0 }?.send(message.encoded()) ?? false }
}

/// Calls something regularly on a thread of its own until stopped.
final class Heart: Sendable {
  private let isStopped = Monitor(false)

  init(every seconds: TimeInterval, _ beat: @escaping @Sendable () -> Void) {
    Thread { [isStopped] in
      while isStopped.wait(until: .after(seconds), for: { $0 ? true : nil }) == nil {
        beat()
      }
    }.start()
  }

  func stop() { isStopped.update { $0 = true } }
}
