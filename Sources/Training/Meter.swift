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
    recent.add(summary)
  }

  /// Once a second, otherwise nil.
  mutating func report(workers: Int, _ counters: Counters) -> CoordinatorProcess.Status? {
    let elapsed = -recentSince.timeIntervalSinceNow
    guard elapsed >= 1 else { return nil }
    if recent.tasks > 0 {
      let count = Double(recent.tasks)
      status.tasksPerSecond = count / elapsed
      status.secondsLeft = Double((status.steps - status.step) * batch) / status.tasksPerSecond
      (status.kernelLoss, status.generatorLoss) = (recent.kernelLoss / count, recent.generatorLoss / count)
      (status.psnrBefore, status.psnrAfter) = (recent.psnrBefore / count, recent.psnrAfter / count)
      status.discriminatorLoss = recent.discriminatorLoss / count
      (status.generatorNorm, status.discriminatorNorm) = (recent.generatorNorm, recent.discriminatorNorm)
      recent = StepSummary()
    }
    recentSince = Date()
    (status.workers, status.counters) = (workers, counters)
    return status
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
