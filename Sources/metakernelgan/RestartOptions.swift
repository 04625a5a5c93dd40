import ArgumentParser
import Foundation
import Platform
import Synchronization
import Training

/// A training in a child process, which is started again where a signal ends it; it goes on from its last checkpoint.
struct RestartOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Start the training again so often in a row where a crash or a kill ends its process; 0 runs it in this process.",
      valueName: "times"))
  var restarts = 3

  /// The process that this one stands in for.
  @Option(help: .private) var parent: Int32?
  /// What ended its predecessor.
  @Option(help: .private) var restartedAfter: String?

  func validate() throws {
    guard (0...1000).contains(restarts) else { throw ValidationError("--restarts must be from 0 to 1000.") }
  }

  /// Does `body` in a child process that is given the same arguments, or in this process where this is that child or none
  /// is wanted.
  ///
  /// - Throws: what `body` throws, or the child's exit code.
  func run(_ body: () throws -> Void) throws {
    if let parent {
      ParentProcess.dieWith(parent)
      return try body()
    }
    guard restarts > 0 else { return try body() }
    let code = try TrainingParent(most: restarts).run()
    if code != 0 { throw ExitCode(Int32(code)) }
  }
}

/// The process that starts the training's process, passes signals on, and starts it again.
private final class TrainingParent: Sendable {
  private struct State {
    var child: Int32?
    var wasTold = false
  }

  private let rule: RestartRule
  private let state = Mutex(State())

  init(most: Int) { rule = RestartRule(most: most) }

  /// - Returns: the code to end with.
  func run() throws -> Int {
    let signals = Signals(each: passOn)
    defer { signals.stop() }
    var rule = rule
    var cause: String?
    while true {
      let begin = Deadline.now
      let ending = try runOnce(after: cause)
      let wasTold = state.withLock { $0.wasTold }
      switch rule.decide(after: ending, lived: begin.elapsed, wasTold: wasTold) {
      case .end(let code): return code
      case .giveUp:
        Console.complain(
          "\(Self.text(ending)) ended the training's process once more after \(rule.most) starts in a row; its last "
            + "checkpoint is kept: look for the cause, then give the same command again")
        return Int(Exit.stopped.rawValue)
      case .startAgain(let number, let pause):
        cause =
          "\(Self.text(ending)) ended the training's process; started again (\(number) of \(rule.most) in a row)"
        Thread.sleep(forTimeInterval: pause)
      }
    }
  }

  private func runOnce(after cause: String?) throws -> ChildProcess.Ending {
    let own = ["--parent", "\(getpid())"] + (cause.map { ["--restarted-after", $0] } ?? [])
    let child: ChildProcess
    do { child = try ChildProcess(commandLineArguments() + own, as: .standIn) } catch {
      throw Exit.because(error, Exit.unavailable)
    }
    let wasTold = state.withLock { state in
      state.child = child.identifier
      return state.wasTold
    }
    if wasTold { child.kill(SIGTERM) }
    child.waitUntilEnded()
    // The number may be given to another process once waited for.
    state.withLock { $0.child = nil }
    return child.wait()
  }

  private func passOn(_ number: Int32) {
    state.withLock { state in
      if number != SIGUSR1 { state.wasTold = true }
      if let child = state.child { kill(child, number) }
    }
  }

  private static func text(_ ending: ChildProcess.Ending) -> String {
    guard case .killed(let signal) = ending else { return "an exit" }
    return "signal \(signal) (\(String(cString: strsignal(Int32(signal)))))"
  }
}
