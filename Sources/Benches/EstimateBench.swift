import Checkpoints
import Estimation
import Foundation
import Imaging
import Networks

/// Measures whole estimates: this program on drawn pictures, from networks at random (their values do not change the
/// time).
package final class EstimateBench {
  private let folder: BenchFolder
  private let checkpoint: String

  package init(_ folder: BenchFolder) throws {
    self.folder = folder
    checkpoint = folder.path("start.safetensors")
    try NetworkState(.paper, freshFrom: 1).write(to: checkpoint, metadata: [:])
  }

  /// Seconds of one 200-step estimate in this process, best of `tries`, and the resident megabytes of the command on a
  /// large picture.
  package func measureEstimate(tries: Int) throws -> (seconds: Double, megabytes: Double) {
    let small = try folder.draw("small.png", width: 510, height: 339)
    let large = try folder.draw("large.png", width: 2040, height: 1356)
    let estimator = try Estimator(.paper)
    let start = try Checkpoint(path: checkpoint, for: .paper).state(.paper)
    var best = Double.infinity
    for _ in 0..<tries {
      best = min(
        best,
        try ContinuousClock().measure {
          _ = try estimator.estimate(try Picture.read(small), from: start, seed: 0)
        }.seconds)
    }
    try run([large, "--steps", "20"])
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return (best, Double(usage.ru_maxrss) / 1024)
  }

  /// How much faster two jobs are than one over some pictures, median of `pairs`.
  package func measureJobs(pictures: Int, pairs: Int) throws -> Double {
    let names = try (0..<pictures).map { try folder.draw("\($0).png", width: 200, height: 200) }
    let ratios = try (0..<pairs).map { _ in
      let one = try ContinuousClock().measure { try run(names + ["--jobs", "1"]) }.seconds
      return try one / ContinuousClock().measure { try run(names + ["--jobs", "2"]) }.seconds
    }
    return ratios.sorted()[pairs / 2]
  }

  private func run(_ arguments: [String]) throws {
    try BenchProgram(
      ["estimate", "--quiet", "--checkpoint", checkpoint, "--out", folder.url.path] + arguments
    ).finish()
  }
}
