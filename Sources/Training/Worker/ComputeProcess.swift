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
    /// Without a coordinator for so many seconds, the process ends.
    public var giveUpAfter: Double
    /// How a predecessor of this name died.
    public var crash: Crash?
    /// What the supervising process has to say to the coordinator's log.
    public var warning: String?
    /// Asked every two seconds: whether the run is coordinated at another address by now.
    public var hasMoved: @Sendable () -> Bool = { false }
    /// Keys, where the coordinator has some.
    public var security = Security.none

    public init(
      coordinator: String, name: String, programVersion: String, giveUpAfter: Double, crash: Crash? = nil
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
    /// It was told to leave, and has said goodbye.
    case left
    /// The run is coordinated elsewhere now.
    case moved
    case failed(String)
  }

  struct State {
    /// Since when there has been no coordinator to speak with; nil while there is one.
    var alone: Deadline? = .now
    var conversation: Welcome?
    var canary: Welcome?
    /// The newest two; tasks of a round wait for those of its step.
    var parameters: [(value: Parameters, trained: TrainedParameters)] = []
    var tasks: [TaskOrder] = []
    var work: Work?
    var ending: Ending?
    /// Beats of the heart so far.
    var beats = 0
    /// To be told once.
    var warning: WorkerReport?

    mutating func takeWarning() -> WorkerReport? {
      defer { warning = nil }
      return warning
    }
  }

  let options: Options
  let fingerprint: String
  let instructionSet: String
  let state = Monitor(State())
  let line = Line()
  private let onTask: @Sendable (TaskID, String) -> Void
  private let onResult: @Sendable () -> Void

  /// - Parameters:
  ///   - onTask: called when a task begins, with the run's name; whoever supervises wants to know in case it crashes.
  ///   - onResult: called when one is done.
  public init(
    _ options: Options, onTask: @escaping @Sendable (TaskID, String) -> Void,
    onResult: @escaping @Sendable () -> Void = {}
  ) throws {
    (self.options, self.onTask, self.onResult) = (options, onTask, onResult)
    state.update { $0.warning = options.warning.map { WorkerReport(.warning, $0) } }
    fingerprint = try Architecture.fingerprint()
    instructionSet = try VectorUnit.current().instructionSet.rawValue
  }

  /// The longest message of a coordinator that is taken, in bytes: a block's pictures, and what goes with them.
  static let largestOrder = 32 << 20

  /// Works until the run, the coordinator or `leave` ends it.
  /// - Throws: `TransportError`, `ThreadError` and `NumericsError`.
  public func run() throws -> Ending {
    let computation = try TaskComputation()
    let context = try Context()
    var socketOptions = SocketOptions()
    socketOptions.security = options.security
    socketOptions.largestMessage = Self.largestOrder
    let dealer = try Dealer(context, connectingTo: options.coordinator, socketOptions) { [self] event in
      handle(event)
    }
    line.connect(dealer)
    defer { dealer.close() }
    let heart = try Heart(every: 1) { [self] in beat() }
    defer { heart.stop() }
    while true {
      switch next() {
      case .end(let ending):
        if case .failed(let reason) = ending { line.send(.report(WorkerReport(.error, reason))) }
        return ending
      case .canary(let welcome):
        line.send(.canary(hash: computation.run(welcome.canary, InnerLoop(welcome.innerLoop))))
        if let warning = state.update({ $0.takeWarning() }) { line.send(.report(warning)) }
      case .task(let task): compute(task, computation)
      }
    }
  }

  /// Says goodbye at once, so that the tasks at hand are given to others, and lets `run` return when the one being
  /// computed is done. From any thread.
  public func leave() { end(with: .left) }

  /// The first ending counts. A coordinator that hears goodbye does not wait for results.
  func end(with ending: Ending) {
    let isFirst = state.update { state in
      defer { state.ending = state.ending ?? ending }
      return state.ending == nil
    }
    if isFirst { line.send(.goodbye) }
  }

  /// On the heart's thread.
  private func beat() {
    let (work, isOver, count) = state.update { state in
      state.beats += 1
      return (state.work, state.ending != nil, state.beats)
    }
    if isOver { return }
    line.send(.heartbeat(work))
    if count.isMultiple(of: 2), options.hasMoved() { end(with: .moved) }
  }

  /// A task with all that it takes.
  struct Assignment {
    let order: TaskOrder
    let welcome: Welcome
    let parameters: Parameters
    let trained: TrainedParameters
  }

  private enum Job {
    case end(Ending)
    case canary(Welcome)
    case task(Assignment)
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
    if let alone = state.alone, alone.elapsed > options.giveUpAfter { return .end(.gaveUp) }
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
      return .task(
        Assignment(order: order, welcome: welcome, parameters: held.value, trained: held.trained))
    }
    return nil
  }

  private func compute(_ task: Assignment, _ computation: TaskComputation) {
    let order = task.order
    onTask(order.id, task.welcome.run)
    line.send(.heartbeat(Work(task: order.id, stepsDone: 0)))
    let begin = Deadline.now
    let result = computation.run(
      order.contents, of: order.id.round.kind, from: task.trained, by: TaskComputation.Rules(task.welcome)
    ) { [state] steps in
      state.update { $0.work = Work(task: order.id, stepsDone: steps) }
    }
    let nanoseconds = UInt64(max(begin.elapsed, 0) * 1e9)
    let isOver = state.update { state in
      state.work = nil
      return state.ending != nil
    }
    if isOver { return }
    line.send(
      .result(
        TaskResult(
          origin: task.parameters.origin, task: order.id, gradient: result.gradient, losses: result.figures,
          timings: .init(computeNanoseconds: nanoseconds))))
    onResult()
  }
}
