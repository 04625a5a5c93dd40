import Coordination
import Foundation
import Messages

/// What comes in, and what the state machine wants done about it.
extension CoordinatorProcess {
  func handle(_ event: Inbox.Event) throws {
    switch event {
    case .machine(let event): try handle(event)
    case .result(let peer, let result, let quality):
      try handle(.result(peer, keep(result, quality)))
    case .replayed(let task, let outcome): try handle(.replayed(task, keep(outcome)))
    case .note(let line): log(line)
    case .save: isSaveWanted = true
    case .deserted(let reason): desertion = reason
    case .failed(let error): throw error
    }
  }

  func handle(_ event: Coordination.Event) throws {
    for action in machine.handle(event, now: now) { try perform(action) }
    // What actions bring about is told once all of them are done.
    if let next = newParameters {
      newParameters = nil
      try handle(next)
    }
  }

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
      case .partial(let leftOut):
        return .sound(keep(result), hash: result.checksum, leftOut: leftOut)
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
    case .note(let note):
      faults.count(note)
      tell(note)
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
      contents: try outer.contents(of: task))
    replays.add(Replay.Order(welcome: welcome, parameters: parameters, task: order))
  }
}
