import Comparison
import Platform
import Synchronization

/// How far an evaluation is, on standard error: a line that is drawn over on a terminal, a line every five minutes elsewhere. Safe to
/// call from several threads.
final class EvaluationProgress: Sendable {
  private struct State {
    var work: Workload
    var said: Deadline?
    var line = StatusLine()
  }

  private let start = Deadline.now
  private let state: Mutex<State>

  init(_ work: Workload) { state = Mutex(State(work: work, said: Console.isTerminal ? nil : .now)) }

  /// Counts a task while `body` carries it out; `body` says which share of it is done.
  func following(_ task: EvaluationTask, _ body: (@escaping (Double) -> Void) throws -> Void) rethrows {
    change { $0.begin(task, at: start.elapsed) }
    defer { state.withLock { $0.work.end(task, at: start.elapsed) } }
    try body { [self] share in change { $0.advance(task, to: share) } }
  }

  /// Writes a line above the one that is drawn.
  func line(_ text: String) {
    state.withLock { state in
      state.line.clear()
      Console.note(text)
    }
  }

  func finish() { state.withLock { $0.line.clear() } }

  private func change(_ body: (inout Workload) -> Void) {
    state.withLock { state in
      body(&state.work)
      let pause = Console.isTerminal ? 0.2 : 300
      if let said = state.said, said.elapsed < pause { return }
      state.said = .now
      let text = state.work.summary(at: start.elapsed)
      if Console.isTerminal { state.line.show(String(text.prefix(150))) } else { Console.note(text) }
    }
  }
}
