import BlurKernels
import MetaLearning
import Networks
import Numerics

/// What a result tells of a task besides its gradient, as the floats that travel. Part of the checked bytes.
///
/// A task that diverged and is left out of the gradient has only zeros, the number of evaluations included: what it came to
/// need not repeat exactly.
package struct TaskFigures: Equatable {
  package var metaLosses: [MetaLosses]
  package var lastStep: StepLosses
  /// dB, of the generator's kernel before and after adaptation.
  package var psnrBefore: Float, psnrAfter: Float
  /// L2 norms of the task's gradient.
  package var norms: PerNetwork<Float>
  package var kernelAfter: [Float]

  package init(_ outcome: TaskOutcome, trueKernel: [Float], norms: PerNetwork<Double>) {
    (metaLosses, lastStep, kernelAfter) = (outcome.metaLosses, outcome.lastStep, outcome.kernelAfter)
    self.norms = norms.map(Float.init)
    psnrBefore = Self.psnr(outcome.kernelBefore, trueKernel)
    psnrAfter = Self.psnr(outcome.kernelAfter, trueKernel)
  }

  package var floats: [Float] {
    [Float(metaLosses.count)]
      + metaLosses.flatMap { [$0.kernel, $0.adversarial, $0.sumToOne, $0.discriminator] }
      + [lastStep.adversarial, lastStep.sumToOne, lastStep.discriminator, psnrBefore, psnrAfter] + norms.all
      + kernelAfter
  }

  /// How many floats there are.
  package static func count(evaluations: Int, kernelCount: Int) -> Int {
    1 + 4 * evaluations + 8 + kernelCount
  }

  /// The floats of a task that is left out.
  package static func leftOut(evaluations: Int, kernelCount: Int) -> [Float] {
    [Float](repeating: 0, count: count(evaluations: evaluations, kernelCount: kernelCount))
  }

  /// What one task's floats say.
  package enum Reading: Equatable {
    case figures(TaskFigures)
    case leftOut
  }

  /// The figures of a unit's tasks, one after the other; nil where the floats are not those of so many tasks.
  package static func read(
    _ floats: [Float], tasks: Int, evaluations: Int, kernelCount: Int
  ) -> [Reading]? {
    let each = count(evaluations: evaluations, kernelCount: kernelCount)
    guard floats.count == tasks * each else { return nil }
    var readings: [Reading] = []
    for start in stride(from: 0, to: floats.count, by: each) {
      let part = Array(floats[start..<start + each])
      if part.allSatisfy({ $0 == 0 }) {
        readings.append(.leftOut)
      } else {
        let figures = TaskFigures(part, evaluations: evaluations, kernelCount: kernelCount)
        guard let figures else { return nil }
        readings.append(.figures(figures))
      }
    }
    return readings
  }

  /// Nil where the floats are not those of `evaluations` evaluations and a kernel of `kernelCount` values.
  package init?(_ floats: [Float], evaluations: Int, kernelCount: Int) {
    guard floats.count == Self.count(evaluations: evaluations, kernelCount: kernelCount),
      floats[0] == Float(evaluations)
    else { return nil }
    metaLosses = (0..<evaluations).map { index in
      let at = 1 + 4 * index
      return MetaLosses(
        kernel: floats[at], adversarial: floats[at + 1], sumToOne: floats[at + 2],
        discriminator: floats[at + 3])
    }
    let rest = floats[(1 + 4 * evaluations)...].map { $0 }
    lastStep = StepLosses(adversarial: rest[0], sumToOne: rest[1], discriminator: rest[2])
    (psnrBefore, psnrAfter, kernelAfter) = (rest[3], rest[4], Array(rest[8...]))
    norms = PerNetwork(generator: rest[5], discriminator: rest[6], prediction: rest[7])
  }

  /// 10 log10(1 / mean squared difference), by a logarithm of our own: part of the checked bytes, which must not depend on
  /// libm's version.
  private static func psnr(_ kernel: [Float], _ truth: [Float]) -> Float {
    let error = zip(kernel, truth).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    return Float(-10 / 2.302585092994045684 * Elementary.logarithm(error / Double(truth.count)))
  }
}
