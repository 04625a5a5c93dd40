import Foundation
import RunDirectory

/// Measures the coordinator alone: a process of its own, real sockets, and workers that answer at once.
package final class CoordinatorBench {
  private let folder: BenchFolder
  private let data: String

  /// - Parameter data: a folder of pictures.
  package init(_ folder: BenchFolder, data: String) { (self.folder, self.data) = (folder, data) }

  /// A run of about so many results of `block` tasks each, of which the first half does not count. A step has two for each
  /// worker, and sixteen at least.
  package func measure(standIns count: Int, block: Int, results: Int) throws -> TrainingSpan {
    let run = folder.path("run-\(UUID().uuidString)")
    let units = max(16, 2 * count)
    let half = max(results / units / 2, 1)
    let coordinator = try BenchProgram([
      "coordinator", "--quiet", "--run", run, "--data", data, "--listen", "tcp://127.0.0.1:*",
      "--task-batch-size", "\(units * block)", "--set", "block=\(block)", "--steps", "\(2 * half)", "--set",
      "checkpoint-every=\(half)", "--set", "keep-last=1000", "--set", "evaluation-tasks=0",
    ])
    do {
      try BenchProgram([
        "stand-in", "--coordinator", try address(of: run, coordinator), "--count", "\(count)",
      ]).finish()
    } catch {
      coordinator.end()
      throw error
    }
    try coordinator.finish()
    return try TrainingSpan(run: run, from: half, to: 2 * half)
  }

  private func address(of run: String, _ coordinator: BenchProgram) throws -> String {
    while coordinator.isRunning {
      if let address = try RunFolder(run).publishedAddress() { return address.endpoint }
      Thread.sleep(forTimeInterval: 0.01)
    }
    throw BenchError.failed("`coordinator`")
  }
}
