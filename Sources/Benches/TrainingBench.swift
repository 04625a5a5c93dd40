import BlurKernels
import Foundation
import MetaLearning
import Numerics

/// Measures meta-training: a task in this process, and whole trainings with workers on small drawn pictures.
package final class TrainingBench {
  private let folder: BenchFolder
  /// Where the pictures are.
  package let data: String

  package init(_ folder: BenchFolder) throws {
    self.folder = folder
    data = folder.path("training")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    for index in 0..<4 { _ = try folder.draw("training/\(index).png", width: 288 + index, height: 288) }
  }

  /// Steps and evaluations of a task, which cost the same.
  package static let passes = Double(InnerLoop.paper.steps + InnerLoop.paper.evaluations)

  /// Seconds of one meta-training task, best of `tries`.
  package func measureTask(tries: Int) throws -> Double {
    let runner = try TaskRunner()
    var random = Philox(key: 3)
    let side = MetaTask.cropSide
    let task = MetaTask(
      crop: DeadLeaves.draw(width: side, height: side, using: &random),
      kernel: KernelDistribution.paper.draw(using: &random).values.map(Float.init), imageNoise: 0, key: 4)
    let start = TrainedParameters(freshFrom: 1, predicting: false)
    let weights = IntervalSchedule.weights(at: 0, evaluations: InnerLoop.paper.evaluations)
    let times = (0..<tries).map { _ in
      ContinuousClock().measure { _ = runner.run(task, from: start, .paper, weights: weights) }.seconds
    }
    return times.min() ?? 0
  }

  /// How much faster two workers train than one, median of `pairs`, and the coordinator's own share of the two workers'
  /// computing time, median too. Each over `steps` outer steps, after as many that do not count.
  package func measureWorkers(pairs: Int, steps: Int) throws -> (ratio: Double, coordinator: Double) {
    let both = try (0..<pairs).map { _ in
      let one = try train(workers: 1, steps: steps)
      let two = try train(workers: 2, steps: steps)
      return (ratio: two.tasksPerSecond / one.tasksPerSecond, share: two.coordinatorShare)
    }
    return (both.map(\.ratio).sorted()[pairs / 2], both.map(\.share).sorted()[pairs / 2])
  }

  /// The rate of tasks of one worker over encrypted connections, as a share of that over plain ones, median of `pairs`.
  /// - Parameter keys: a cluster's folder of keys.
  package func measureEncryption(keys: String, pairs: Int, steps: Int) throws -> Double {
    let shares = try (0..<pairs).map { _ in
      let plain = try train(workers: 1, steps: steps)
      return try train(workers: 1, steps: steps, keys: keys).tasksPerSecond / plain.tasksPerSecond
    }
    return shares.sorted()[pairs / 2]
  }

  private func train(workers: Int, steps: Int, keys: String? = nil) throws -> TrainingSpan {
    let run = folder.path("run-\(UUID().uuidString)")
    try BenchProgram(
      [
        "train", "--quiet", "--run", run, "--data", data, "--workers", "\(workers)",
        "--task-batch-size", "\(max(16, 2 * workers))", "--steps", "\(2 * steps)", "--set",
        "checkpoint-every=\(steps)", "--set", "keep-last=1000", "--set", "evaluation-tasks=0",
      ] + (keys.map { ["--keys", $0] } ?? [])
    ).finish()
    return try TrainingSpan(run: run, from: steps, to: 2 * steps)
  }
}
