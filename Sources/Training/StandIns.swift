import Foundation
import KernelGAN
import Messages
import MetaLearning
import Transport

/// Workers that compute nothing: any number of connections in one process, each answering every task at once with the
/// same sound result, so that a measurement sees the coordinator alone. What they train is worthless.
public final class StandIns: Sendable {
  private struct State {
    var welcomed = 0
    var welcome: Welcome?
    /// The canary's result, once it is computed.
    var canary: UInt64?
    var leaving = 0
    var failure: String?
  }

  private let coordinator: String
  private let count: Int
  private let programVersion: String
  private let state = Monitor(State())

  public init(coordinator: String, count: Int, programVersion: String) {
    (self.coordinator, self.count, self.programVersion) = (coordinator, count, programVersion)
  }

  /// Answers until the coordinator ends.
  ///
  /// - Returns: nil, or why it ended before.
  /// - Throws: `TransportError`, `CheckpointError` and `NumericsError`, as a worker does.
  public func run() throws -> String? {
    let context = try Context()
    let fingerprint = try Architecture.fingerprint()
    let all = try (1...count).map { number in
      try StandIn(context, coordinator, registration(number, fingerprint), self)
    }
    defer { for standIn in all { standIn.close() } }
    // All begin together, so that what is measured is measured with that many.
    if let welcome = waitForWelcome() {
      let hash = try TaskComputation().run(
        welcome.canary, MetaLearning.InnerLoop(welcome.innerLoop))
      state.update { $0.canary = hash }
      for standIn in all { standIn.send(.canary(hash: hash)) }
    }
    return state.wait { $0.failure.map { .some($0) } ?? ($0.leaving == self.count ? .some(nil) : nil) } ?? nil
  }

  private func registration(_ number: Int, _ fingerprint: String) -> Registration {
    Registration(
      worker: "stand-in-\(getpid())-\(number)", programVersion: programVersion, architecture: fingerprint,
      host: ProcessInfo.processInfo.hostName, process: Int(getpid()), cores: 1)
  }

  private func waitForWelcome() -> Welcome? {
    state.wait { state -> Welcome?? in
      if state.failure != nil { return .some(nil) }
      return state.welcomed == self.count ? .some(state.welcome) : nil
    } ?? nil
  }

  // MARK: told by each

  /// - Returns: the canary's result where one that was given up is welcomed again, which need not wait for the others.
  fileprivate func welcome(_ welcome: Welcome, isFirst: Bool) -> UInt64? {
    state.update {
      if isFirst { ($0.welcomed, $0.welcome) = ($0.welcomed + 1, welcome) }
      return $0.canary
    }
  }

  fileprivate func leave() { state.update { $0.leaving += 1 } }

  fileprivate func fail(_ reason: String) { state.update { $0.failure = $0.failure ?? reason } }
}

/// One connection.
private final class StandIn: Sendable {
  private struct State {
    var answer: TaskResult?
    var parameters: Parameters?
    var waiting: [TaskID] = []
    var isDone = false

    /// The answer to a task; nil while the parameters of its step are not there.
    mutating func take(_ task: TaskID) -> TaskResult? {
      guard let parameters, parameters.step == task.round.step, var result = answer else {
        waiting.append(task)
        return nil
      }
      (result.origin, result.task) = (parameters.origin, task)
      return result
    }

    /// The answers to the tasks that waited for these parameters.
    mutating func take(_ parameters: Parameters) -> [TaskResult] {
      self.parameters = parameters
      let tasks = waiting
      waiting = []
      return tasks.compactMap { take($0) }
    }
  }

  private let line = Line()
  private let dealer: Dealer
  private let state: Monitor<State>

  init(
    _ context: Context, _ coordinator: String, _ registration: Registration, _ owner: StandIns
  ) throws(TransportError) {
    let state = Monitor(State())
    self.state = state
    dealer = try Dealer(context, connectingTo: coordinator) { [line] event in
      switch event {
      case .connected: line.send(.registration(registration))
      case .disconnected: Self.leave(state, owner)
      case .failed(let error): owner.fail("\(error)")
      case .received(let bytes):
        do { try Self.take(CoordinatorMessage(decoding: bytes), registration, state, line, owner) } catch {
          owner.fail("\(error)")
        }
      }
    }
    line.connect(dealer)
  }

  func send(_ message: WorkerMessage) { line.send(message) }

  func close() { dealer.close() }

  private static func take(
    _ message: CoordinatorMessage, _ registration: Registration, _ state: Monitor<State>, _ line: Line,
    _ owner: StandIns
  ) throws {
    switch message {
    case .welcome(let welcome):
      let isFirst = state.update { state in
        defer { (state.answer, state.parameters, state.waiting) = (answer(welcome), nil, []) }
        return state.answer == nil
      }
      if let hash = owner.welcome(welcome, isFirst: isFirst) { line.send(.canary(hash: hash)) }
    case .parameters(let parameters):
      for result in state.update({ $0.take(parameters) }) { line.send(.result(result)) }
    case .task(let order):
      if let result = state.update({ $0.take(order.id) }) { line.send(.result(result)) }
    case .cancel(let task): state.update { $0.waiting.removeAll { $0 == task } }
    case .shutdown: leave(state, owner)
    case .registerAgain: line.send(.registration(registration))
    case .rejection: owner.fail("the coordinator refuses: \(message)")
    }
  }

  /// Whether the run went well is for the coordinator to tell.
  private static func leave(_ state: Monitor<State>, _ owner: StandIns) {
    let isFirst = state.update { state in
      defer { state.isDone = true }
      return !state.isDone
    }
    if isFirst { owner.leave() }
  }

  /// A result like any other by its size and shape.
  private static func answer(_ welcome: Welcome) -> TaskResult {
    let loop = MetaLearning.InnerLoop(welcome.innerLoop)
    let (evaluations, architecture) = (loop.evaluations, loop.architecture)
    let figures = 4 * evaluations + 5 + architecture.kernelSide * architecture.kernelSide
    return TaskResult(
      origin: Origin(run: welcome.run, incarnation: welcome.incarnation, parameters: ""),
      task: TaskID(RoundID(.training, step: 0), 0),
      gradient: [Float](repeating: 1e-4, count: loop.trainedRange.count),
      losses: [Float(evaluations)] + [Float](repeating: 1e-4, count: figures))
  }
}
