internal import CLinux
import Foundation
import Synchronization

/// The signals that people and schedulers send: one thread, made at the program's start, waits for them (sigwait), so that
/// taking one needs no descriptor, process or thread that may be missing by then. They are blocked on all other threads.
///
/// Without a handler TERM, INT and HUP end the process as they always do, also where it is process 1, which the kernel
/// shields from them; USR1 and USR2 do nothing. A process that was started with HUP ignored (nohup) never sees it.
package enum SignalWatch {
  private static let handler = Mutex<(@Sendable (Int32) -> Void)?>(nil)

  /// To be called first of all on the main thread, before there is any other. SIGPIPE is ignored from then on: writing
  /// tells.
  package static func begin() {
    signal(SIGPIPE, SIG_IGN)
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGTERM, SIGINT, SIGUSR1, SIGUSR2] { sigaddset(&watched, number) }
    if clinux_ignores(SIGHUP) == 0 { sigaddset(&watched, SIGHUP) }
    pthread_sigmask(SIG_BLOCK, &watched, nil)
    let signals = watched
    do { try NamedThread("signals") { watch(signals) }.detach() } catch {
      // No thread is left: the system's own ways with signals are better than none.
      pthread_sigmask(SIG_UNBLOCK, &watched, nil)
      for number in [SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }
  }

  /// From now on signals go to `handle`, called on the thread that waits for them; nil for none.
  package static func handle(_ handle: (@Sendable (Int32) -> Void)?) { handler.withLock { $0 = handle } }

  private static func watch(_ signals: sigset_t) {
    var signals = signals
    while true {
      var number: Int32 = 0
      guard sigwait(&signals, &number) == 0 else { continue }
      if let handle = handler.withLock({ $0 }) { handle(number) } else { end(by: number) }
    }
  }

  /// As the signal's default action, so that whoever waits for the process sees what ended it.
  private static func end(by number: Int32) {
    guard number != SIGUSR1, number != SIGUSR2 else { return }
    // A shell without job control starts what is in the background with INT ignored.
    guard clinux_ignores(number) == 0 else { return }
    var one = sigset_t()
    sigemptyset(&one)
    sigaddset(&one, number)
    signal(number, SIG_DFL)
    pthread_sigmask(SIG_UNBLOCK, &one, nil)
    kill(getpid(), number)
    // Still here: this is process 1.
    _exit(128 + number)
  }
}
