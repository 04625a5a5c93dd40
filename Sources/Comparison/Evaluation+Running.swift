import Foundation
import Synchronization

extension Evaluation {
  /// Measures everything that the ledger lacks, first kernels, then enlargements of them.
  ///
  /// - Parameters:
  ///   - jobs: tasks worked on at a time. What is measured does not depend on it.
  ///   - measure: carries out one task, in whatever process, reporting outcomes one by one; called from several threads.
  ///   - onOutcome: called after each of about `outstanding` outcomes.
  /// - Returns: what could not be measured, one sentence each, in the tasks' order.
  /// - Throws: `EvaluationError.refused` where the ledger cannot be written; what was measured until then is kept.
  public func run(
    _ ledger: Ledger, jobs: Int,
    measure: @escaping @Sendable (EvaluationTask, (Outcome) -> Void) throws -> Void,
    onOutcome: @escaping @Sendable () -> Void = {}
  ) throws(EvaluationError) -> [String] {
    var faults: [String] = []
    for tasks in [missingKernels, missingImages] {
      let run = MeasuringRun(tasks(ledger), into: ledger)
      run.finish(jobs: jobs, measure: measure, onOutcome: onOutcome)
      if let error = run.state.withLock({ $0.fatal }) { throw error }
      faults += run.state.withLock { $0.faults }.sorted { $0.task < $1.task }.map(\.reason)
    }
    return faults
  }

  /// Measurements that the ledger lacks. At most: a kernel found twice is enlarged once.
  public func outstanding(in ledger: Ledger) -> Int {
    func count(_ tasks: [EvaluationTask]) -> Int { tasks.reduce(0) { $0 + $1.count } }
    return count(missingKernels(in: ledger)) * (enlarging == nil ? 1 : 2) + count(missingImages(in: ledger))
  }
}

/// Tasks shared out among threads.
private final class MeasuringRun: Sendable {
  struct State {
    var faults: [(task: Int, reason: String)] = []
    /// Ends the run: nothing that is measured could be kept.
    var fatal: EvaluationError?
  }
  let state = Mutex(State())
  private let tasks: [EvaluationTask]
  private let ledger: Ledger

  init(_ tasks: [EvaluationTask], into ledger: Ledger) { (self.tasks, self.ledger) = (tasks, ledger) }

  /// Carries out all tasks; outcomes are kept in the ledger, failures in `state`.
  func finish(
    jobs: Int, measure: @escaping @Sendable (EvaluationTask, (Outcome) -> Void) throws -> Void,
    onOutcome: @escaping @Sendable () -> Void
  ) {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = jobs
    for (index, task) in tasks.enumerated() {
      queue.addOperation { [self] in
        if state.withLock({ $0.fatal != nil }) { return }
        do {
          try measure(task) { outcome in
            keep(outcome, of: index)
            onOutcome()
          }
        } catch { note("\(error)", of: index) }
      }
    }
    queue.waitUntilAllOperationsAreFinished()
  }

  private func keep(_ outcome: Outcome, of task: Int) {
    if case .failure(let reason) = outcome { return note(reason, of: task) }
    do { try ledger.append(outcome) } catch { state.withLock { $0.fatal = $0.fatal ?? error } }
  }

  private func note(_ reason: String, of task: Int) {
    state.withLock { $0.faults.append((task, reason)) }
  }
}
