import Foundation
import Synchronization
import Testing

/// A thing waited for that did not come about.
struct Hung: Error { let what: String }

/// Waits until `condition` holds. The deadline only ends a test that hangs: nothing that works takes so long, however
/// busy the machine.
func wait(for what: String, _ condition: () throws -> Bool) throws {
  let deadline = Date(timeIntervalSinceNow: 240)
  while try !condition() {
    guard Date() < deadline else { throw Hung(what: what) }
    usleep(20_000)
  }
}

/// What threads found.
final class ResultBox: Sendable {
  private let found = Mutex<[Bool]>([])

  var all: [Bool] { found.withLock { $0 } }
  func add(_ result: Bool) { found.withLock { $0.append(result) } }
}

/// Runs tests on threads of their own. They block, and the server in their process needs the few threads that Swift's
/// tasks share.
struct OffThePool: SuiteTrait, TestTrait, TestScoping {
  private final class Threads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      Thread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }.start()
    }
  }

  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(Threads()) { try await function() }
  }
}

extension Trait where Self == OffThePool {
  static var offThePool: OffThePool { OffThePool() }
}
