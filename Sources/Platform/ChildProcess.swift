internal import CLinux
import Foundation

/// This program started again with other arguments, as a child that dies with the thread that started it
/// (`ParentProcess.dieWith`). Standard error is shared.
package final class ChildProcess {
  package enum Ending: Equatable, Sendable {
    case exited(code: Int)
    case killed(signal: Int)
  }

  /// How much of this process a child shares.
  package enum Kind: Sendable {
    /// Its standard output is read here line by line, and no signal is ignored.
    case helper
    /// It stands in for this process: standard output is shared, and signals that are ignored here stay ignored (nohup).
    case standIn
  }

  package let identifier: Int32
  /// -1 where standard output is shared.
  private let output: Int32
  private var rest: [UInt8] = []

  /// Call on a thread that outlives the child: the kernel kills it when that thread ends.
  /// - Throws: `ChildProcessError`.
  package init(_ arguments: [String], as kind: Kind = .helper) throws(ChildProcessError) {
    var ends: [Int32] = [-1, -1]
    guard kind == .standIn || clinux_pipe(&ends) == 0 else {
      throw ChildProcessError(reason: systemText(errno))
    }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    if kind == .helper { posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) }
    posix_spawnattr_init(&attributes)
    Self.resetSignals(&attributes, ignored: kind == .helper)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      if kind == .helper { close(ends[1]) }
    }
    let program = "/proc/self/exe"
    var argv = (["metakernelgan"] + arguments).map { FileName.withPath($0) { strdup($0) } } + [nil]
    var environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + environment { free(text) } }
    var child = pid_t()
    let code = posix_spawn(&child, program, &actions, &attributes, &argv, &environment)
    guard code == 0 else {
      if kind == .helper { close(ends[0]) }
      throw ChildProcessError(reason: systemText(code))
    }
    identifier = child
    output = ends[0]
  }

  deinit { if output >= 0 { close(output) } }

  /// Whoever started us may have blocked or ignored signals; a helper should have none of that.
  private static func resetSignals(_ attributes: inout posix_spawnattr_t, ignored: Bool) {
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = POSIX_SPAWN_SETSIGMASK | (ignored ? POSIX_SPAWN_SETSIGDEF : 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  /// The next line of its output; nil when it has closed it, as it does by ending.
  package func readLine() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeFirst(end + 1) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      var more = [UInt8](repeating: 0, count: 4096)
      func failure(_ code: Int32) -> ChildProcessError { ChildProcessError(reason: systemText(code)) }
      let count = try? checked(failure) { read(output, &more, more.count) }
      guard let count, count > 0 else { return nil }
      rest += more.prefix(count)
    }
  }

  package func kill(_ signal: Int32) { Foundation.kill(identifier, signal) }

  /// Waits for its end, but leaves it to `wait`: until that its number is not given to another process.
  package func waitUntilEnded() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
  }

  /// Waits for its end.
  package func wait() -> Ending {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) == -1 && errno == EINTR {}
    return clinux_exited(status) != 0
      ? .exited(code: Int(clinux_exit_code(status))) : .killed(signal: Int(clinux_signal(status)))
  }
}

/// The process that started this one.
public enum ParentProcess {
  /// From now on this process dies with `parent`, also where that is dead already.
  public static func dieWith(_ parent: Int32) {
    _ = clinux_die_with_parent()
    if getppid() != parent { exit(0) }
  }
}

/// The system refused a process; `reason` is its own text.
package struct ChildProcessError: Error, Equatable, Sendable, CustomStringConvertible {
  package let reason: String

  package var description: String { "cannot start a process of this program: \(reason)" }
}
