import Foundation
import Synchronization

/// Threads that compute, kept off those that serve. Orders are taken as they come.
final class WorkQueue: Sendable {
  private final class Job: Sendable {
    private let continuation: Mutex<CheckedContinuation<WorkResult, any Error>?>
    let work: @Sendable () throws -> WorkResult
    let isBegun = Atomic(false)

    init(
      _ continuation: CheckedContinuation<WorkResult, any Error>,
      _ work: @escaping @Sendable () throws -> WorkResult
    ) {
      self.continuation = Mutex(continuation)
      self.work = work
    }

    var isSettled: Bool { continuation.withLock { $0 == nil } }

    func settle(_ result: Result<WorkResult, any Error>) {
      continuation.withLock { $0.take() }?.resume(with: result)
    }
  }

  private struct State {
    var waiting: [Job] = []
    var running = 0
    var isStopped = false
  }

  private let state = Mutex(State())
  private let isWanted = DispatchSemaphore(value: 0)
  private let limits: Limits

  init(_ limits: Limits) {
    self.limits = limits
    for _ in 0..<limits.jobs {
      let thread = Thread { [self] in while runNext() {} }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// How many orders wait and run.
  var load: (waiting: Int, running: Int) {
    state.withLock { state in (state.waiting.count { !$0.isSettled }, state.running) }
  }

  /// - Throws: what the work throws; `Problem` 429 where too many wait, 503 and 504 where time is up.
  func run(_ work: @escaping @Sendable () throws -> WorkResult) async throws -> WorkResult {
    try await withCheckedThrowingContinuation { continuation in
      let job = Job(continuation, work)
      guard admit(job) else { return job.settle(.failure(Problem.tooMany)) }
      isWanted.signal()
      DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(limits.work)) { [limits] in
        job.settle(.failure(Problem.late(after: limits.work, isBegun: job.isBegun.load(ordering: .relaxed))))
      }
    }
  }

  /// Ends the threads once nothing waits.
  func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<limits.jobs { isWanted.signal() }
  }

  private func admit(_ job: Job) -> Bool {
    state.withLock { state in
      state.waiting.removeAll(where: \.isSettled)
      guard state.waiting.count < limits.waiting else { return false }
      state.waiting.append(job)
      return true
    }
  }

  /// False once stopped.
  private func runNext() -> Bool {
    isWanted.wait()
    let (job, isStopped) = state.withLock { state -> (Job?, Bool) in
      guard !state.waiting.isEmpty else { return (nil, state.isStopped) }
      state.running += 1
      return (state.waiting.removeFirst(), false)
    }
    guard let job else { return !isStopped }
    defer { state.withLock { $0.running -= 1 } }
    if !job.isSettled {
      job.isBegun.store(true, ordering: .relaxed)
      job.settle(Result { try job.work() })
    }
    return true
  }
}

extension Problem {
  static let tooMany = Problem(
    429, "too many pictures are being worked on; send it again in a few seconds", retryAfter: 2)

  static func late(after seconds: Int, isBegun: Bool) -> Problem {
    isBegun
      ? Problem(504, "the work took longer than \(seconds) s; send a smaller picture or ask for fewer steps")
      : Problem(
        503, "others' pictures took \(seconds) s before this one's turn came; send it again later",
        retryAfter: 30)
  }
}
