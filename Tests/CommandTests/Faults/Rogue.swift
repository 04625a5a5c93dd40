import Foundation
import Messages
import MetaLearning
import Networks
import Training
import Transport

/// A worker that registers and passes its canary as an honest one does, and then does harm. `@unchecked`: all that
/// changes is used on its queue alone.
final class Rogue: @unchecked Sendable {
  enum Vice: String, CaseIterable {
    case garbage, notANumber, wrongLength, damaged
    /// Every result three times, and once as of another coordinator.
    case duplicates
    /// Results when their step is over; three times, then it computes as it should.
    case late
    /// Finite, of the right length and size, and wrong.
    case lies
  }

  let name: String
  private let vice: Vice
  private let version: String
  private let computation: TaskComputation
  private let architecture: String
  private let context: Context
  private let queue = DispatchQueue(label: "rogue", attributes: .initiallyInactive)
  private var dealer: Dealer?

  private var welcome: Welcome?
  private var parameters: Parameters?
  private var orders: [TaskOrder] = []
  private var held: [TaskResult] = []
  private var delays = 3

  init(_ vice: Vice, coordinator: String, version: String) throws {
    (self.vice, self.version, name) = (vice, version, "rogue-\(vice.rawValue)")
    computation = try TaskComputation()
    architecture = try Architecture.fingerprint()
    context = try Context()
    dealer = try Dealer(context, connectingTo: coordinator) { [weak self] event in
      guard let self else { return }
      switch event {
      case .connected: queue.async { self.register() }
      case .received(let bytes):
        guard let message = try? CoordinatorMessage(decoding: bytes) else { return }
        queue.async { self.take(message) }
      case .disconnected, .refused, .failed: break
      }
    }
    queue.activate()
  }

  func close() {
    queue.sync {
      dealer?.close()
      dealer = nil
    }
  }

  private func send(_ message: WorkerMessage) { dealer?.send(message.encoded()) }

  private func register() {
    (orders, held, parameters) = ([], [], nil)
    send(
      .registration(
        Registration(
          worker: name, programVersion: version, architecture: architecture, host: "here",
          process: Int(getpid()), cores: 1)))
  }

  private func take(_ message: CoordinatorMessage) {
    switch message {
    case .welcome(let welcome):
      self.welcome = welcome
      send(.canary(hash: computation.run(welcome.canary, InnerLoop(welcome.innerLoop))))
    case .parameters(let parameters):
      self.parameters = parameters
      for result in held { send(.result(result)) }
      held = []
      work()
    case .task(let order):
      orders.append(order)
      work()
    case .registerAgain: register()
    case .cancel, .rejection, .shutdown: break
    }
  }

  /// All orders that start from the parameters at hand.
  private func work() {
    guard let welcome, let parameters else { return }
    let due = orders.filter { $0.id.round.step == parameters.step }
    orders.removeAll { $0.id.round.step <= parameters.step }
    for order in due {
      let result = computation.run(
        order.contents, of: order.id.round.kind,
        from: TrainedParameters(values: parameters.values, predicting: false), by: .init(welcome))
      let honest = TaskResult(
        origin: parameters.origin, task: order.id, gradient: result.gradient, losses: result.figures)
      // An evaluation has no gradient to spoil and no influence on the result.
      if order.id.round.kind == .training { misbehave(honest) } else { send(.result(honest)) }
    }
  }

  private func misbehave(_ honest: TaskResult) {
    var gradient = honest.gradient
    switch vice {
    case .garbage:
      dealer?.send([UInt8](repeating: 0xA5, count: 1000))
      return
    case .damaged:
      var damaged = honest
      damaged.gradient[1000] += 1
      return send(.result(damaged))
    case .duplicates:
      var stale = honest
      stale.origin.incarnation += 1
      for result in [stale, honest, honest, honest] { send(.result(result)) }
      return
    case .late:
      delays -= 1
      if delays >= 0 { held.append(honest) } else { send(.result(honest)) }
      return
    case .notANumber: gradient[1000] = .nan
    case .wrongLength: gradient.removeLast()
    case .lies: gradient[1000] += 0.001
    }
    send(
      .result(
        TaskResult(origin: honest.origin, task: honest.task, gradient: gradient, losses: honest.losses)))
  }
}
