import Foundation
internal import NIOCore
import Platform
import Synchronization

/// Threads that compute, apart from those that serve. Orders are worked on in the order of their arrival.
final class WorkQueue: Sendable {
  private struct State {
    var waiting: [WorkJob] = []
    var running: [WorkJob] = []
    /// Jobs by the tickets that their clients chose.
    var tickets: [String: WorkJob] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())
  private let isWanted = DispatchSemaphore(value: 0)
  private let limits: Limits

  /// - Throws: `ThreadError`.
  init(_ limits: Limits) throws(ThreadError) {
    self.limits = limits
    for number in 0..<limits.jobs {
      do { try NamedThread("picture \(number)") { [self] in while runNext() {} }.detach() } catch {
        stop()
        throw error
      }
    }
  }

  /// How many orders wait and run.
  var load: (waiting: Int, running: Int) {
    state.withLock { state in (state.waiting.count { !$0.isSettled }, state.running.count) }
  }

  /// Ends early where the client hangs up.
  ///
  /// - Parameter ticket: a name by which the client asks for the progress; nil for none.
  /// - Throws: what the work throws; `Problem` 409 where the ticket is in use, 429 where too many wait, 499 where the
  ///   client hung up, 503 and 504 where time is up.
  func run(
    _ inHand: WorkInHand, of visit: Visit, ticket: String?,
    _ work: @escaping @Sendable () throws -> WorkResult
  ) async throws -> WorkResult {
    let job = WorkJob(client: visit.client, inHand, work)
    // The timer must not keep the job: its work holds the picture.
    let end = visit.channel.eventLoop.scheduleTask(in: .seconds(Int64(limits.work))) { [weak job, limits] in
      guard let job else { return }
      job.settle(.failure(Problem.late(after: limits.work, isBegun: job.isBegun)))
    }
    visit.onHangUp { [weak job] in job?.settle(.failure(Problem.hungUp)) }
    defer {
      end.cancel()
      visit.forgetHangUp()
      forget(job, ticket)
    }
    if let refusal = admit(job, ticket) {
      job.settle(.failure(refusal))
    } else {
      isWanted.signal()
    }
    return try await job.result()
  }

  /// How far the job with this ticket has come; nil where there is none.
  func progress(_ ticket: String) -> WorkProgress? {
    state.withLock { state in
      guard let job = state.tickets[ticket], !job.isSettled else { return nil }
      if job.isBegun { return WorkProgress(state: .working, before: 0, share: job.inHand.share) }
      let others = state.waiting.prefix { $0 !== job }.count { !$0.isSettled }
      return WorkProgress(state: .waiting, before: others, share: 0)
    }
  }

  /// Ends the threads once nothing waits.
  func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<limits.jobs { isWanted.signal() }
  }

  /// Takes the job in; otherwise, the refusal.
  private func admit(_ job: WorkJob, _ ticket: String?) -> Problem? {
    state.withLock { state in
      state.waiting.removeAll(where: \.isSettled)
      let own = (state.waiting + state.running).count { $0.client == job.client }
      guard state.waiting.count < limits.waiting else { return .tooMany }
      guard own < limits.ordersOfOneClient else { return .tooManyOfOne }
      if let ticket {
        guard state.tickets[ticket] == nil else { return .ticketInUse }
        state.tickets[ticket] = job
      }
      state.waiting.append(job)
      return nil
    }
  }

  private func forget(_ job: WorkJob, _ ticket: String?) {
    state.withLock { state in
      state.waiting.removeAll { $0 === job }
      if let ticket, state.tickets[ticket] === job { state.tickets[ticket] = nil }
    }
  }

  /// False once stopped.
  private func runNext() -> Bool {
    isWanted.wait()
    let (job, isStopped) = state.withLock { state -> (WorkJob?, Bool) in
      state.waiting.removeAll(where: \.isSettled)
      guard !state.waiting.isEmpty else { return (nil, state.isStopped) }
      let job = state.waiting.removeFirst()
      state.running.append(job)
      return (job, false)
    }
    guard let job else { return !isStopped }
    job.run()
    state.withLock { state in state.running.removeAll { $0 === job } }
    return true
  }
}

/// How far a picture has come, for its sender.
struct WorkProgress: Encodable, Equatable {
  enum State: String, Encodable { case waiting, working }

  let state: State
  /// Pictures that come first.
  let before: Int
  /// The done share of the work, 0 to 1; 0 where the work does not report it.
  let share: Double
}

extension Problem {
  static let tooMany = Problem(
    429, "too many pictures are being worked on; send it again in a few seconds", retryAfter: 2)
  static let tooManyOfOne = Problem(
    429, "too many pictures from this address are being worked on; send it again once one is done",
    retryAfter: 5)
  static let ticketInUse = Problem(409, "this ticket belongs to another picture; draw another one at random")
  /// As nginx calls it.
  static let hungUp = Problem(
    499, "the connection was closed for sending before the answer; keep it open until then")

  static func late(after seconds: Int, isBegun: Bool) -> Problem {
    isBegun
      ? Problem(504, "the work took longer than \(seconds) s; send a smaller picture or ask for fewer steps")
      : Problem(
        503, "others' pictures took \(seconds) s before this one's turn came; send it again later",
        retryAfter: 30)
  }
}
