import Foundation
import Synchronization

extension Evaluation {
  /// Measures everything that the ledger lacks, first kernels, then enlargements of them.
  ///
  /// - Parameters:
  ///   - jobs: orders worked on at a time. What is measured does not depend on it.
  ///   - measure: carries out one order, in whatever process, reporting outcomes one by one; called from several threads.
  ///   - onOutcome: called after each of about `outstanding` outcomes.
  /// - Returns: what could not be measured, one sentence each, in order.
  /// - Throws: `EvaluationError.refused` where the ledger cannot be written; what was measured until then is kept.
  public func run(
    _ ledger: Ledger, jobs: Int, measure: @escaping @Sendable (Order, (Outcome) -> Void) throws -> Void,
    onOutcome: @escaping @Sendable () -> Void = {}
  ) throws(EvaluationError) -> [String] {
    var faults: [String] = []
    for orders in [missingKernels, missingImages] {
      let work = Work(orders(ledger), ledger)
      work.run(jobs: jobs, measure: measure, onOutcome: onOutcome)
      if let error = work.state.withLock({ $0.fatal }) { throw error }
      faults += work.state.withLock { $0.faults }.sorted { $0.order < $1.order }.map(\.reason)
    }
    return faults
  }

  /// Measurements that the ledger lacks. At most: a kernel found twice is enlarged once.
  public func outstanding(in ledger: Ledger) -> Int {
    func count(_ orders: [Order]) -> Int { orders.reduce(0) { $0 + $1.count } }
    return count(missingKernels(in: ledger)) * (enlarging == nil ? 1 : 2) + count(missingImages(in: ledger))
  }
}

/// Orders shared out among threads.
private final class Work: Sendable {
  struct State {
    var faults: [(order: Int, reason: String)] = []
    /// Ends the work: nothing that is measured could be kept.
    var fatal: EvaluationError?
  }
  let state = Mutex(State())
  private let orders: [Order]
  private let ledger: Ledger

  init(_ orders: [Order], _ ledger: Ledger) { (self.orders, self.ledger) = (orders, ledger) }

  func run(
    jobs: Int, measure: @escaping @Sendable (Order, (Outcome) -> Void) throws -> Void,
    onOutcome: @escaping @Sendable () -> Void
  ) {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = jobs
    for (index, order) in orders.enumerated() {
      queue.addOperation { [self] in
        if state.withLock({ $0.fatal != nil }) { return }
        do {
          try measure(order) { outcome in
            keep(outcome, index)
            onOutcome()
          }
        } catch { note("\(error)", index) }
      }
    }
    queue.waitUntilAllOperationsAreFinished()
  }

  private func keep(_ outcome: Outcome, _ order: Int) {
    if case .failure(let reason) = outcome { return note(reason, order) }
    do { try ledger.append(outcome) } catch { state.withLock { $0.fatal = $0.fatal ?? error } }
  }

  private func note(_ reason: String, _ order: Int) {
    state.withLock { $0.faults.append((order, reason)) }
  }
}
