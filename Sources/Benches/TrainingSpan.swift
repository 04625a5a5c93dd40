import Foundation

/// What a training did between two of its checkpoints, as the files beside them tell.
package struct TrainingSpan {
  package let tasks: Double, seconds: Double, computeSeconds: Double, coordinatorSeconds: Double
  /// From the run's beginning.
  package let peakMegabytes: Double

  init(run: String, from first: Int, to last: Int) throws {
    let begin = try Self.sidecar(run, first)
    let end = try Self.sidecar(run, last)
    func number(_ values: [String: String], _ key: String) -> Double { values[key].flatMap(Double.init) ?? 0 }
    func difference(_ key: String) -> Double { number(end, key) - number(begin, key) }
    (tasks, seconds) = (difference("tasks"), difference("seconds"))
    computeSeconds = difference("compute_seconds")
    coordinatorSeconds = difference("coordinator_cpu_seconds")
    peakMegabytes = number(end, "coordinator_peak_megabytes")
  }

  package var tasksPerSecond: Double { tasks / seconds }
  package var coordinatorShare: Double { coordinatorSeconds / computeSeconds }

  private static func sidecar(_ run: String, _ step: Int) throws -> [String: String] {
    let digits = String(format: "%09d", step)
    let file = URL(filePath: run).appending(path: "checkpoints/step-\(digits).json")
    return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
  }
}
