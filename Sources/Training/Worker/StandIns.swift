import Foundation
import Messages
import MetaLearning
import Networks
import Platform
import Transport

/// Workers that compute nothing: any number of connections in one process, each answering every task at once with the
/// same sound result, so that a measurement sees the coordinator alone. What they train is worthless.
public final class StandIns: Sendable {
  private struct State {
    var welcomed = 0
    var welcome: Welcome?
    /// The canary's result, once it is computed.
    var canary: UInt64?
    var standings: [Standing]
    /// Since when nobody has a connection.
    var alone: Deadline?
    var failure: String?
  }

  fileprivate enum Standing { case present, lost, dismissed }

  /// A coordinator that is not back by then has ended without dismissing everyone.
  private static let giveUpAfter = 15.0
  /// Less often than workers, being many; well under the silence after which a coordinator gives up.
  private static let heartbeatInterval = 3.0

  private let coordinator: String
  private let count: Int
  private let programVersion: String
  private let state: Monitor<State>

  public init(coordinator: String, count: Int, programVersion: String) {
    (self.coordinator, self.count, self.programVersion) = (coordinator, count, programVersion)
    state = Monitor(State(standings: Array(repeating: .present, count: count)))
  }

  /// Answers until the coordinator ends.
  ///
  /// - Returns: nil, or why it ended before.
  /// - Throws: `TransportError`, `CheckpointError` and `NumericsError`, as a worker does.
  public func run() throws -> String? {
    let context = try Context()
    let fingerprint = try Architecture.fingerprint()
    let all = try (0..<count).map { number in
      try StandIn(
        Conversation(number: number, of: self, registration: registration(number + 1, fingerprint)),
        connectingTo: coordinator, in: context)
    }
    defer { for standIn in all { standIn.close() } }
    // All begin together, so that what is measured is measured with that many.
    if let welcome = waitForWelcome() {
      let hash = try TaskComputation().run(welcome.canary, InnerLoop(welcome.innerLoop))
      state.update { $0.canary = hash }
      for standIn in all { standIn.send(.canary(hash: hash)) }
    }
    // As workers do, for one without tasks would not learn that it was given up.
    let heart = try Heart(every: Self.heartbeatInterval) {
      for standIn in all { standIn.send(.heartbeat(nil)) }
    }
    defer { heart.stop() }
    _ = wait { $0.standings.allSatisfy { $0 == .dismissed } ? true : nil }
    return state.update { $0.failure }
  }

  /// Until `body` gives something, or nil once there is nothing to wait for any more.
  private func wait<Result>(for body: @escaping (inout State) -> Result?) -> Result? {
    while true {
      // While alone, look at the clock now and then.
      let found = state.wait(until: .after(1)) { state -> Result?? in
        if let result = body(&state) { return .some(result) }
        let isOver = state.alone.map { $0.elapsed > Self.giveUpAfter } ?? false
        return isOver || state.failure != nil ? .some(nil) : nil
      }
      if let found { return found }
    }
  }

  private func registration(_ number: Int, _ fingerprint: String) -> Registration {
    Registration(
      worker: "stand-in-\(getpid())-\(number)", programVersion: programVersion, architecture: fingerprint,
      host: ProcessInfo.processInfo.hostName, process: Int(getpid()), cores: 1)
  }

  private func waitForWelcome() -> Welcome? {
    wait { $0.welcomed == self.count ? $0.welcome : nil }
  }

  // MARK: told by each

  /// - Returns: the canary's result where one that was given up is welcomed again, which need not wait for the others.
  fileprivate func welcome(_ welcome: Welcome, isFirst: Bool) -> UInt64? {
    state.update {
      if isFirst { ($0.welcomed, $0.welcome) = ($0.welcomed + 1, welcome) }
      return $0.canary
    }
  }

  fileprivate func note(_ number: Int, _ standing: Standing) {
    state.update { state in
      guard state.standings[number] != .dismissed else { return }
      state.standings[number] = standing
      state.alone = state.standings.contains(.present) ? nil : state.alone ?? .now
    }
  }

  fileprivate func fail(_ reason: String) { state.update { $0.failure = $0.failure ?? reason } }
}

/// One connection.
private final class StandIn: Sendable {
  private let line: Line
  private let dealer: Dealer

  init(
    _ conversation: Conversation, connectingTo coordinator: String, in context: Context
  ) throws(TransportError) {
    line = conversation.line
    var options = SocketOptions()
    options.largestMessage = ComputeProcess.largestOrder
    dealer = try Dealer(context, connectingTo: coordinator, options) { conversation.take($0) }
    line.connect(dealer)
  }

  func send(_ message: WorkerMessage) { line.send(message) }

  func close() { dealer.close() }
}

/// What comes over one connection, and how it is answered.
private struct Conversation: Sendable {
  private struct State {
    var welcome: Welcome?
    /// By the number of tasks of the unit.
    var answers: [Int: TaskResult] = [:]
    var parameters: Parameters?
    var waiting: [TaskID] = []

    /// The answer to a task; nil while the parameters of its step are not there.
    mutating func take(_ task: TaskID) -> TaskResult? {
      guard let parameters, parameters.step == task.round.step, let welcome else {
        waiting.append(task)
        return nil
      }
      var result = answers[task.block] ?? answer(welcome, tasks: task.block)
      answers[task.block] = result
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

  /// Which of the owner's connections this is, from 0.
  let number: Int
  let owner: StandIns
  let registration: Registration
  let line = Line()
  private let state = Monitor(State())

  init(number: Int, of owner: StandIns, registration: Registration) {
    (self.number, self.owner, self.registration) = (number, owner, registration)
  }

  /// Called on the socket's thread.
  func take(_ event: Dealer.Event) {
    switch event {
    case .connected:
      owner.note(number, .present)
      line.send(.registration(registration))
    case .disconnected: owner.note(number, .lost)
    case .refused: owner.fail("the coordinator does not admit its key")
    case .failed(let error): owner.fail("\(error)")
    case .received(let bytes):
      do {
        take(try CoordinatorMessage(decoding: bytes))
      } catch {
        owner.fail("\(error)")
      }
    }
  }

  private func take(_ message: CoordinatorMessage) {
    switch message {
    case .welcome(let welcome):
      let isFirst = state.update { state in
        defer { (state.welcome, state.parameters, state.waiting) = (welcome, nil, []) }
        state.answers = [:]
        return state.welcome == nil
      }
      if let hash = owner.welcome(welcome, isFirst: isFirst) { line.send(.canary(hash: hash)) }
    case .parameters(let parameters):
      for result in state.update({ $0.take(parameters) }) { line.send(.result(result)) }
    case .task(let order):
      if let result = state.update({ $0.take(order.id) }) { line.send(.result(result)) }
    case .cancel(let task): state.update { $0.waiting.removeAll { $0 == task } }
    case .shutdown: owner.note(number, .dismissed)
    case .registerAgain: line.send(.registration(registration))
    case .rejection: owner.fail("the coordinator refuses: \(message)")
    }
  }
}

/// A result like any other by its size and shape.
private func answer(_ welcome: Welcome, tasks: Int) -> TaskResult {
  let loop = InnerLoop(welcome.innerLoop)
  let (evaluations, architecture) = (loop.evaluations, Architecture.paper)
  let count = TaskFigures.count(
    evaluations: evaluations, kernelCount: architecture.kernelSide * architecture.kernelSide)
  let figures = [Float(evaluations)] + [Float](repeating: 1e-4, count: count - 1)
  return TaskResult(
    origin: Origin(run: welcome.run, incarnation: welcome.incarnation, parameters: ""),
    task: TaskID(RoundID(.training, step: 0), 0),
    gradient: [Float](repeating: 1e-4, count: loop.trainedRange.count),
    losses: (0..<tasks).flatMap { _ in figures })
}
