import BlurKernels
import MetaLearning
import Networks
import Numerics

/// What a result tells of a task besides its gradient, as the floats that travel. Part of the checked bytes.
package struct TaskFigures: Equatable {
  package var metaLosses: [MetaLosses]
  package var lastStep: StepLosses
  /// dB, of the generator's kernel before and after adaptation.
  package var psnrBefore: Float, psnrAfter: Float
  package var kernelAfter: [Float]

  package init(_ outcome: TaskOutcome, trueKernel: [Float]) {
    (metaLosses, lastStep, kernelAfter) = (outcome.metaLosses, outcome.lastStep, outcome.kernelAfter)
    psnrBefore = Self.psnr(outcome.kernelBefore, trueKernel)
    psnrAfter = Self.psnr(outcome.kernelAfter, trueKernel)
  }

  package var floats: [Float] {
    [Float(metaLosses.count)]
      + metaLosses.flatMap { [$0.kernel, $0.adversarial, $0.sumToOne, $0.discriminator] }
      + [lastStep.adversarial, lastStep.sumToOne, lastStep.discriminator, psnrBefore, psnrAfter] + kernelAfter
  }

  /// Nil where the floats are not those of `evaluations` evaluations and a kernel of `kernelCount` values.
  package init?(_ floats: [Float], evaluations: Int, kernelCount: Int) {
    guard floats.count == 1 + 4 * evaluations + 5 + kernelCount, floats[0] == Float(evaluations) else {
      return nil
    }
    metaLosses = (0..<evaluations).map { index in
      let at = 1 + 4 * index
      return MetaLosses(
        kernel: floats[at], adversarial: floats[at + 1], sumToOne: floats[at + 2],
        discriminator: floats[at + 3])
    }
    let rest = floats[(1 + 4 * evaluations)...].map { $0 }
    lastStep = StepLosses(adversarial: rest[0], sumToOne: rest[1], discriminator: rest[2])
    (psnrBefore, psnrAfter, kernelAfter) = (rest[3], rest[4], Array(rest[5...]))
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
