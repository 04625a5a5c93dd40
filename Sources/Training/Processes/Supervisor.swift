import Foundation
import Messages
import Platform

/// Keeps computing processes running: starts each again, with back-off, when it dies, and tells its successor how, so
/// that a task that crashes whoever computes it is found out. One thread a process, which lives as long as that does.
public final class Supervisor: Sendable {
  /// Exit codes of computing processes.
  public enum Code {
    public static let finished = 0, unavailable = 69, failed = 70, gaveUp = 75, rejected = 78
    /// Starting the process again would do no better.
    static let final = [unavailable, gaveUp, rejected]
  }

  /// What its processes have done so far.
  public struct Tally: Equatable, Sendable {
    /// Results sent.
    public var tasks = 0
    /// Processes that died of a signal or ended with a failure.
    public var deaths = 0
  }

  /// How the last process of a number ended.
  public struct Predecessor: Sendable, Equatable {
    /// Where it died of a signal while it computed a task.
    public var crash: Crash?
    /// For people: as the log has it.
    public var ending: String

    public init(crash: Crash?, ending: String) { (self.crash, self.ending) = (crash, ending) }
  }

  private struct State {
    var isStopping = false
    var running: [Int: Int32] = [:]
    var alive = 0
    /// The first code with which a process ended that is not to be started again.
    var code: Int?
    var tally = Tally()
    var threads: [NamedThread] = []
  }

  private let state = Monitor(State())
  private let arguments: @Sendable (_ index: Int, _ predecessor: Predecessor?) -> [String]
  private let log: @Sendable (String) -> Void
  private let onDeserted: @Sendable (_ code: Int) -> Void

  /// Threads and open files that each process takes of the one that supervises.
  public static let threadsEach = 1, filesEach = 2

  /// - Parameters:
  ///   - arguments: of process `index`, whose predecessor, if there was one, ended so.
  ///   - log: told of every death.
  ///   - onDeserted: called with the first exit code when all processes have ended for good by themselves.
  public init(
    arguments: @escaping @Sendable (_ index: Int, _ predecessor: Predecessor?) -> [String],
    log: @escaping @Sendable (String) -> Void,
    onDeserted: @escaping @Sendable (_ code: Int) -> Void = { _ in }
  ) {
    (self.arguments, self.log, self.onDeserted) = (arguments, log, onDeserted)
  }

  public func start(_ count: Int) {
    state.update { $0.alive = count }
    for index in 0..<count {
      do {
        let thread = try NamedThread("worker \(index + 1)") { [self] in end(keepRunning(index)) }
        state.update { $0.threads.append(thread) }
      } catch {
        log("\(error)")
        end(Code.failed)
      }
    }
  }

  /// Waits until no process is running or to be started again; the first exit code, 0 where all finished.
  public func wait() -> Int {
    let code = state.wait { $0.alive == 0 ? $0.code ?? Code.finished : nil } ?? Code.finished
    joinThreads()
    return code
  }

  public var tally: Tally { state.update { $0.tally } }

  /// Ends all processes for good, and waits for their ends. More than once does no harm.
  public func stop() {
    signalAll(SIGKILL)
    // A process that the kernel does not let die, as on a dead file server, is left behind.
    if state.wait(until: .after(5), for: { $0.alive == 0 ? true : nil }) != nil { joinThreads() }
  }

  /// Lets all processes say goodbye, so that their tasks are handed on at once, and ends those that take longer.
  public func dismiss(within seconds: Double) {
    signalAll(SIGTERM)
    _ = state.wait(until: .after(seconds)) { $0.alive == 0 ? true : nil }
    signalAll(SIGKILL)
  }

  private func signalAll(_ signal: Int32) {
    // While the state is locked no process is waited for, so none of the numbers has been given to another.
    state.update { state in
      state.isStopping = true
      for child in state.running.values { kill(child, signal) }
    }
  }

  private func joinThreads() {
    let threads = state.update { state in
      defer { state.threads = [] }
      return state.threads
    }
    for thread in threads { thread.join() }
  }

  private func end(_ code: Int?) {
    let (isLast, first) = state.update { state in
      state.alive -= 1
      state.code = state.code ?? code
      return (state.alive == 0 && !state.isStopping, state.code)
    }
    if isLast { onDeserted(first ?? Code.finished) }
  }

  private func keepRunning(_ index: Int) -> Int? {
    var predecessor: Predecessor?
    var crashes = 0
    var pause = 0.1
    while !state.update({ $0.isStopping }) {
      let begin = Deadline.now
      let (ending, lastTask) = runOnce(index, predecessor)
      if state.update({ $0.isStopping }) { return nil }
      var last = Predecessor(crash: nil, ending: "")
      switch ending {
      case .exited(Code.finished): return nil
      case .exited(let code) where Code.final.contains(code): return code
      case .exited(let code): last.ending = "worker \(index + 1) ended with code \(code); starting it again"
      case .killed(let signal):
        crashes += 1
        last.crash = lastTask.map { Crash(number: crashes, signal: signal, run: $0.run, task: $0.task) }
        last.ending = "worker \(index + 1) died of signal \(signal); starting it again"
      }
      log(last.ending)
      predecessor = last
      state.update { $0.tally.deaths += 1 }
      pause = Self.pause(after: pause, lived: begin.elapsed)
      _ = state.wait(until: .after(pause), for: { $0.isStopping ? true : nil })
    }
    return nil
  }

  /// Seconds until the next start: twice as many each time, unless the process lived for a while.
  package static func pause(after last: Double, lived seconds: Double) -> Double {
    seconds > 10 ? 0.1 : min(last * 2, 10)
  }

  private typealias LastTask = (task: TaskID, run: String)

  private func runOnce(_ index: Int, _ predecessor: Predecessor?) -> (ChildProcess.Ending, LastTask?) {
    let child: ChildProcess
    do { child = try ChildProcess(arguments(index, predecessor)) } catch {
      log("\(error)")
      return (.exited(code: Code.failed), nil)
    }
    let isLate = state.update { state in
      state.running[index] = child.identifier
      return state.isStopping
    }
    if isLate { child.kill(SIGKILL) }
    var last: LastTask?
    while let line = child.readLine() {
      if line == TaskLine.done {
        state.update { $0.tally.tasks += 1 }
      } else {
        last = TaskLine(line).map { ($0.task, $0.run) } ?? last
      }
    }
    // The number may be given to another process once waited for.
    state.update { $0.running[index] = nil }
    return (child.wait(), last)
  }
}
