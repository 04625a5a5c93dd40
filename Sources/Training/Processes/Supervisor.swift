import Foundation
import Messages
import Platform
import Transport

/// Keeps computing processes running: starts each again, with back-off, when it dies, and tells its successor how, so
/// that a task that crashes whoever computes it is found out. One thread a process, which lives as long as that does.
public final class Supervisor: Sendable {
  /// Exit codes of computing processes.
  public enum Code {
    public static let finished = 0, failed = 70, gaveUp = 75, rejected = 78
  }

  private struct State {
    var isStopping = false
    var running: [Int: Int32] = [:]
    var alive = 0
    /// The first code with which a process ended that is not to be started again.
    var code: Int?
  }

  private let state = Monitor(State())
  private let arguments: @Sendable (_ index: Int, _ crash: Crash?) -> [String]
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - arguments: of process `index`, whose predecessor died of `crash`.
  ///   - log: told of every death.
  public init(
    arguments: @escaping @Sendable (_ index: Int, _ crash: Crash?) -> [String],
    log: @escaping @Sendable (String) -> Void
  ) {
    (self.arguments, self.log) = (arguments, log)
  }

  public func start(_ count: Int) {
    state.update { $0.alive = count }
    for index in 0..<count {
      Thread { [self] in
        let code = keepRunning(index)
        state.update { state in
          state.alive -= 1
          state.code = state.code ?? code
        }
      }.start()
    }
  }

  /// Waits until no process is running or to be started again; the first exit code, 0 where all finished.
  public func wait() -> Int { state.wait { $0.alive == 0 ? $0.code ?? Code.finished : nil } ?? Code.finished }

  /// Ends all processes for good.
  public func stop() {
    let running = state.update { state in
      state.isStopping = true
      return state.running.values.map { $0 }
    }
    for child in running { kill(child, SIGKILL) }
  }

  private func keepRunning(_ index: Int) -> Int? {
    var crash: Crash?
    var crashes = 0
    var pause = 0.1
    while !state.update({ $0.isStopping }) {
      let begin = Date()
      let (ending, lastTask) = runOnce(index, crash)
      if state.update({ $0.isStopping }) { return nil }
      crash = nil
      switch ending {
      case .exited(Code.finished): return nil
      case .exited(let code) where code == Code.rejected || code == Code.gaveUp: return code
      case .exited(let code): log("worker \(index + 1) ended with code \(code); starting it again")
      case .killed(let signal):
        crashes += 1
        crash = lastTask.map { Crash(number: crashes, signal: signal, run: $0.run, task: $0.task) }
        log("worker \(index + 1) died of signal \(signal); starting it again")
      }
      pause = -begin.timeIntervalSinceNow > 10 ? 0.1 : min(pause * 2, 10)
      _ = state.wait(until: .after(pause), for: { $0.isStopping ? true : nil })
    }
    return nil
  }

  private typealias LastTask = (task: TaskID, run: String)

  private func runOnce(_ index: Int, _ crash: Crash?) -> (ChildProcess.Ending, LastTask?) {
    let child: ChildProcess
    do { child = try ChildProcess(arguments(index, crash)) } catch {
      log("\(error)")
      return (.exited(code: Code.failed), nil)
    }
    let isLate = state.update { state in
      state.running[index] = child.identifier
      return state.isStopping
    }
    if isLate { child.kill(SIGKILL) }
    var last: LastTask?
    while let line = child.readLine() { last = TaskLine(line).map { ($0.task, $0.run) } ?? last }
    // The number may be given to another process once waited for.
    state.update { $0.running[index] = nil }
    return (child.wait(), last)
  }
}

/// "task training 12 3 RUN": how a computing process tells whoever supervises it what it begins.
public struct TaskLine: Equatable {
  public let task: TaskID
  public let run: String

  public init(task: TaskID, run: String) { (self.task, self.run) = (task, run) }

  public init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 4).map(String.init)
    guard parts.count == 5, parts[0] == "task", let step = Int(parts[2]), let index = Int(parts[3]) else {
      return nil
    }
    switch parts[1] {
    case "training": task = TaskID(RoundID(.training, step: step), index)
    case "evaluation": task = TaskID(RoundID(.evaluation, step: step), index)
    default: return nil
    }
    run = parts[4]
  }

  public var text: String {
    "task \(task.round.kind == .training ? "training" : "evaluation") \(task.round.step) \(task.index) \(run)"
  }
}
