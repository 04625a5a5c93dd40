import Coordination
import Foundation
import Messages
import Platform

/// What a training looks like to people: speeds and means, none of which is part of the result.
package struct Meter {
  private let steps: Int, batch: Int
  private let begin: Deadline
  private var status = CoordinatorProcess.Status()
  private var recent = StepSummary()
  private var recentSince: Deadline
  private var computeNanoseconds: UInt64 = 0
  private let cpuAtBegin = OwnUsage.cpuSeconds

  package init(steps: Int, batch: Int, step: Int, now: Deadline = .now) {
    (self.steps, self.batch, begin, recentSince) = (steps, batch, now, now)
    (status.step, status.steps) = (step, steps)
  }

  package mutating func count(_ timings: TaskResult.Timings) {
    computeNanoseconds += timings.computeNanoseconds
  }

  package mutating func finish(_ summary: StepSummary) {
    status.step += 1
    status.tasks += summary.tasks
    status.noise = summary.noise
    recent.add(summary)
  }

  /// Whether an outer step was done in this process.
  package var hasSteps: Bool { status.tasks > 0 }

  /// Once in so many seconds, otherwise nil.
  package mutating func report(
    workers: Int, _ counters: Counters, every seconds: Double = 1, now: Deadline = .now
  ) -> CoordinatorProcess.Status? {
    let elapsed = now.seconds(since: recentSince)
    guard elapsed >= seconds else { return nil }
    if recent.tasks > 0 {
      status.tasksPerSecond = Double(recent.tasks) / max(elapsed, 1e-3)
      status.secondsLeft = Double((status.steps - status.step) * batch) / status.tasksPerSecond
      status.means = recent.means
      (status.generatorNorm, status.discriminatorNorm) = (recent.generatorNorm, recent.discriminatorNorm)
      recent = StepSummary()
    }
    recentSince = now
    (status.workers, status.counters) = (workers, counters)
    return status
  }

  /// What differs between equal runs. `compute_seconds` is the sum over workers.
  package var sidecar: [String: String] {
    [
      "time": Date().ISO8601Format(), "host": ProcessInfo.processInfo.hostName,
      "seconds": String(format: "%.3f", begin.elapsed),
      "compute_seconds": String(format: "%.3f", Double(computeNanoseconds) * 1e-9),
      "coordinator_cpu_seconds": String(format: "%.3f", OwnUsage.cpuSeconds - cpuAtBegin),
      "coordinator_peak_megabytes": String(format: "%.1f", OwnUsage.peakMegabytes),
      "tasks": "\(status.tasks)",
    ]
  }
}

/// What this process has taken of the machine.
private enum OwnUsage {
  /// In all threads, for the program and for the system on its behalf.
  static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
  }

  /// Most memory ever resident; 0 where the system does not tell. (`ru_maxrss` would begin with the parent's.)
  static var peakMegabytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return Double(line?.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "").map { $0 / 1024 } ?? 0
  }
}
