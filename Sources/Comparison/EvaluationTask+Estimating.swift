import BlurKernels
import Estimation
import Foundation
import Imaging

extension EstimationTask {
  func run(_ report: (Outcome) -> Void, onProgress: (Double) -> Void) {
    let picture: Picture
    do { picture = try Picture.read(self.picture).region(region) } catch {
      return report(.failure("\(name): \(error)"))
    }
    let runs = Dictionary(grouping: wanted, by: \.seed).sorted(by: { $0.key < $1.key })
    for (index, (seed, wanted)) in runs.enumerated() {
      // The start's own kernel is timed by itself: no step ends with it.
      let (starts, others) = (wanted.filter { $0.steps == 0 }, wanted.filter { $0.steps > 0 })
      for part in [starts, others] where !part.isEmpty {
        do {
          let records = try estimate(picture, seed: seed, wanted: part) { share in
            onProgress((Double(index) + share) / Double(runs.count))
          }
          for record in records { report(.kernel(record)) }
        } catch {
          report(.failure("\(name), seed \(seed): \(error)"))
        }
      }
    }
  }

  /// One adaptation that passes all the numbers of steps that are wanted. The picture that it made, if any, is that of the
  /// last of them.
  private func estimate(
    _ picture: Picture, seed: UInt64, wanted: [Wanted], onProgress: (Double) -> Void
  ) throws -> [KernelRecord] {
    let method = try makeMethod(steps: wanted.map(\.steps).max())
    let marks = Set(wanted.map(\.steps))
    var times: [Int: Double] = [:]
    PeakMemory.reset()
    let clock = ContinuousClock()
    let begin = clock.now
    let found = try method.estimate(
      picture, scale: scale, seed: seed, recording: Array(marks),
      onStep: { step in
        // The first call with a number is the one at the step's end.
        if step > 0, marks.contains(step), times[step] == nil { times[step] = (clock.now - begin).inSeconds }
        onProgress(Double(step) / Double(max(method.steps, 1)))
      })
    let total = (clock.now - begin).inSeconds
    let megabytes = PeakMemory.megabytes
    // The kernel of scale 4 is two of scale 2 in a row, the second twice as wide: 1 + 4 times the variances.
    let promise = found.spread.map {
      KernelPromise(
        covarianceBound: (scale == 4 ? 5 : 1) * $0.covarianceBound, isConfident: $0.isConfident)
    }
    return try wanted.map { part in
      let own = part.steps == method.steps ? found.ownPicture : nil
      // Before the record that says it is there.
      try own?.writePNG(part.ownPicture)
      return KernelRecord(
        key: part.key, of: "\(name), seed \(seed), \(part.steps) steps",
        kernel: found.recorded[part.steps] ?? found.kernel, kernelNoise: found.equivalentNoise,
        promise: promise, standing: found.standing,
        seconds: part.steps == method.steps ? total : times[part.steps] ?? total,
        megabytes: megabytes, hasOwnPicture: own == nil ? nil : true)
    }
  }

  private func makeMethod(steps: Int?) throws -> any EstimationMethod {
    guard let type = EstimationMethods.named(method) else { throw UnknownMethod(name: method) }
    var options = options
    options.steps = steps
    return try type.init(options)
  }
}

/// Only a task from another version of the program can name one.
private struct UnknownMethod: Error, CustomStringConvertible {
  let name: String
  var description: String { "there is no method '\(name)' here; run all of the evaluation with one program" }
}

extension Duration {
  var inSeconds: Double { self / .seconds(1) }
}
