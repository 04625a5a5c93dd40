import Checkpoints
import Foresight
import Foundation
import Messages
import MetaLearning
import Networks
import Platform

/// Between the project's own values and those that travel.
extension Architecture {
  /// SHA-256 over names and shapes of all tensors that tasks may be computed on: equal for workers that compute the same
  /// networks.
  package static func fingerprint() throws -> String {
    let entries = paper.layout.entries + PredictionParameters.layout.entries
    let text = entries.map { "\($0.name) \($0.shape)" }.joined(separator: "\n")
    return try SHA256.hex(of: Array(text.utf8))
  }
}

extension InnerLoop {
  var wire: InnerLoopSettings {
    InnerLoopSettings(
      adaptationSteps: steps, evaluationInterval: interval, generatorRate: Float(step.generatorRate),
      discriminatorRate: Float(step.discriminatorRate), sumToOneWeight: step.sumToOneWeight,
      noise: step.noise,
      metaKernelWeight: weights.kernel, metaAdversarialWeight: weights.adversarial,
      metaSumToOneWeight: weights.sumToOne, real: real == .lr ? .lr : .groundTruthSon,
      foreseenScale: prediction?.scale ?? 0, thinning: Float(prediction?.dropout ?? 0),
      shrinking: Float(prediction?.shrinking ?? 1), jpegShare: Float(prediction?.jpegShare ?? 0),
      softening: Float(prediction?.softening ?? 0))
  }

  package init(_ wire: InnerLoopSettings) {
    self.init(
      steps: wire.adaptationSteps, interval: wire.evaluationInterval,
      // Rates are used in single precision, so nothing is lost on the way.
      step: StepSettings(
        generatorRate: Double(wire.generatorRate), discriminatorRate: Double(wire.discriminatorRate),
        sumToOneWeight: wire.sumToOneWeight, noise: wire.noise),
      weights: MetaLossWeights(
        kernel: wire.metaKernelWeight, adversarial: wire.metaAdversarialWeight,
        sumToOne: wire.metaSumToOneWeight),
      real: wire.real == .lr ? .lr : .groundTruthSon,
      prediction: wire.foreseenScale == 0
        ? nil
        : Prediction(
          scale: wire.foreseenScale, dropout: Double(wire.thinning), shrinking: Double(wire.shrinking),
          jpegShare: Double(wire.jpegShare), softening: Double(wire.softening)))
  }
}

extension MetaTask {
  func content(intervalWeights: [Float]) -> TaskContent {
    TaskContent(
      side: side, pixels: crop, kernel: kernel, key: key, intervalWeights: intervalWeights,
      imageNoise: imageNoise)
  }

  init(_ content: TaskContent) {
    self.init(crop: content.pixels, kernel: content.kernel, imageNoise: content.imageNoise, key: content.key)
  }
}
