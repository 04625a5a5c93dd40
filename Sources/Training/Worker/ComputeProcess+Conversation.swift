import Foundation
import Messages
import MetaLearning
import Networks
import Platform
import Transport

/// What is said to and by the coordinator, on the socket's thread.
extension ComputeProcess {
  func handle(_ event: Dealer.Event) {
    // Whoever has said goodbye says no more.
    if state.update({ $0.ending != nil }) { return }
    switch event {
    case .connected: register()
    case .disconnected: forget(alone: true)
    case .refused:
      state.update {
        $0.ending = .failed(
          "the coordinator does not admit this worker's key, or has another than --server-key says")
      }
    case .failed(let error): state.update { $0.ending = .failed("\(error)") }
    case .received(let bytes):
      do { try take(CoordinatorMessage(decoding: bytes)) } catch {
        state.update { $0.ending = .failed("the coordinator sent what cannot be understood: \(error)") }
      }
    }
  }

  private func register() {
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
      if alone, state.alone == nil { state.alone = .now }
    }
  }

  private func take(_ message: CoordinatorMessage) throws {
    switch message {
    case .welcome(let welcome):
      state.update { ($0.alone, $0.conversation, $0.canary) = (nil, welcome, welcome) }
    case .parameters(let parameters): try keep(parameters)
    case .task(let order): enqueue(order)
    case .cancel(let task): state.update { $0.tasks.removeAll { $0.id == task } }
    case .registerAgain: register()
    case .rejection(let rejection): state.update { $0.ending = .rejected(rejection) }
    case .shutdown(.interrupted): forget(alone: true)
    // Goodbye at once, not when the task at hand is done: the coordinator waits for it.
    case .shutdown: end(with: .finished)
    }
  }

  private func enqueue(_ order: TaskOrder) {
    state.update { state in
      guard let welcome = state.conversation else { return }
      if TaskComputation.canRun(order.contents, InnerLoop(welcome.innerLoop)) {
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
    let predicts = InnerLoop(loop).predicts
    let count = TrainedParameters.count(predicting: predicts)
    guard hash == parameters.origin.parameters, parameters.values.count == count else {
      state.update { $0.ending = .failed("the parameters of step \(parameters.step) arrived damaged") }
      return
    }
    let trained = TrainedParameters(values: parameters.values, predicting: predicts)
    state.update { $0.parameters = [(parameters, trained)] + $0.parameters.prefix(1) }
  }
}
