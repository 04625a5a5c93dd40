import Coordination
import Foundation
import Messages

/// What a training looks like to people: speeds and means, none of which is part of the result.
struct Meter {
  private let steps: Int, batch: Int
  private let begin = Date()
  private var status = CoordinatorProcess.Status()
  private var recent = StepSummary()
  private var recentSince = Date()
  private var computeNanoseconds: UInt64 = 0

  init(steps: Int, batch: Int, step: Int) {
    (self.steps, self.batch) = (steps, batch)
    (status.step, status.steps) = (step, steps)
  }

  mutating func count(_ timings: TaskResult.Timings) { computeNanoseconds += timings.computeNanoseconds }

  mutating func finish(_ summary: StepSummary) {
    status.step += 1
    status.tasks += summary.tasks
    recent.tasks += summary.tasks
    recent.kernelLoss += summary.kernelLoss
    recent.psnrBefore += summary.psnrBefore
    recent.psnrAfter += summary.psnrAfter
  }

  /// At most once a second.
  mutating func report(workers: Int, _ counters: Counters, _ show: (CoordinatorProcess.Status) -> Void) {
    let elapsed = -recentSince.timeIntervalSinceNow
    guard elapsed >= 1 else { return }
    if recent.tasks > 0 {
      let count = Double(recent.tasks)
      status.tasksPerSecond = count / elapsed
      status.secondsLeft = Double((status.steps - status.step) * batch) / status.tasksPerSecond
      (status.kernelLoss, status.psnrBefore) = (recent.kernelLoss / count, recent.psnrBefore / count)
      status.psnrAfter = recent.psnrAfter / count
      recent = StepSummary()
      recentSince = Date()
    }
    (status.workers, status.counters) = (workers, counters)
    show(status)
  }

  /// What differs between equal runs.
  var sidecar: [String: String] {
    [
      "time": Date().ISO8601Format(), "host": ProcessInfo.processInfo.hostName,
      "seconds": String(format: "%.1f", -begin.timeIntervalSinceNow),
      "compute_seconds": String(format: "%.1f", Double(computeNanoseconds) * 1e-9),
      "tasks": "\(status.tasks)",
    ]
  }
}
