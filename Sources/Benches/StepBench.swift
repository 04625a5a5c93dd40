import Foundation
import Networks
import Numerics

/// Measures steps in this process.
package final class StepBench {
  let unit: VectorUnit
  private let steps: Int
  package private(set) var peak = 0.0
  private var workspace: (AdaptationStep, NetworkState)?

  package var instructionSet: String { unit.instructionSet.rawValue }

  /// - Parameter steps: how many one measurement runs.
  /// - Throws: `NumericsError` on a processor without AVX2.
  package init(steps: Int) throws { (unit, self.steps) = (try VectorUnit.current(), max(steps, 1)) }

  /// What so many steps in `seconds` are of the peak, once that is measured.
  package func share(_ count: Double, _ seconds: Double) -> String {
    let operations = Architecture.paper.nominalOperationsPerStep * count
    return String(format: "%.1f %%", operations / seconds / (2 * peak) * 100)
  }

  /// Seconds of one step with its fresh noise, best of several measurements; the peak is measured between them.
  package func measureStep() throws -> Double {
    let step = try AdaptationStep(.paper)
    let state = NetworkState(.paper, freshFrom: 1)
    let input = step.input
    var random = Philox(key: 1)
    for buffer in [input.regions, input.real] {
      for i in 0..<buffer.count { buffer.pointer[i] = Float(random.uniform()) }
    }
    step.prepare(state)
    workspace = (step, state)
    var best = Double.infinity
    for _ in 0..<8 {
      peak = max(peak, unit.measurePeak(tries: 3))
      best = min(
        best,
        seconds(steps) { index in
          for (noise, stream) in [(input.noiseReal, UInt64(0)), (input.noiseFake, 1)] {
            Philox.normals(
              key: UInt64(index), stream: stream, into: noise.pointer, count: noise.count, unit: unit)
          }
          _ = step.run(state, .paper)
        })
    }
    return best
  }

  package func measureParts() throws -> [(name: String, count: Int, seconds: Double)] {
    guard let (step, state) = workspace else { return [] }
    return step.parts(state).map { part in
      (part.name, part.count, (0..<8).map { _ in seconds(steps) { _ in part.run() } }.min() ?? 0)
    }
  }

  private func seconds(_ count: Int, _ body: (Int) -> Void) -> Double {
    ContinuousClock().measure { for index in 0..<count { body(index) } }.seconds / Double(count)
  }
}
