import Platform
import Synchronization

/// Progress of a number of equal units on standard error: a bar on a terminal, nothing elsewhere (whoever logs gets the
/// lines that the command writes anyway). Safe to call from several threads.
final class Progress: Sendable {
  private struct State {
    var done = 0
    var drawn: Deadline?
    var bar = StatusLine()
  }

  private let total: Int
  private let shown: Bool
  private let start = Deadline.now
  private let state = Mutex(State())

  init(total: Int, shown: Bool) {
    self.total = max(total, 1)
    self.shown = shown && Console.isTerminal
  }

  /// Counts units; redraws at most ten times a second.
  func advance(by units: Int = 1) {
    guard shown else { return }
    state.withLock { state in
      state.done += units
      if let drawn = state.drawn, drawn.elapsed <= 0.1 { return }
      draw(&state)
    }
  }

  /// Writes a line above the bar.
  func line(_ text: String) {
    state.withLock { state in
      clear(&state)
      Console.note(text)
    }
  }

  /// Writes a result on standard output with the bar out of the way.
  func result(_ text: String) {
    state.withLock { state in
      clear(&state)
      Console.result(text)
    }
  }

  func finish() { state.withLock { clear(&$0) } }

  private func draw(_ state: inout State) {
    let share = Double(state.done) / Double(total)
    let width = 30
    let filled = min(Int(share * Double(width)), width)
    let elapsed = start.elapsed
    let left = share > 0 ? elapsed / share - elapsed : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    let text = "[\(bar)] \(Int(share * 100)) %, \(Int(left.rounded(.up))) s left"
    state.bar.show(text)
    state.drawn = .now
  }

  private func clear(_ state: inout State) {
    state.bar.clear()
    state.drawn = nil
  }
}
