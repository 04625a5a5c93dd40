import KernelGAN

extension TrainingSettings {
  public typealias Field = SettingField<TrainingSettings>

  /// Every setting, in the order in which people read them.
  public static let fields: [Field] = [
    .choice("algorithm", \.algorithm),
    .number("seed", \.seed, "a whole number from 0 to 2^64 - 1") { _ in true },
    count("task-batch-size", \.taskBatchSize, 1...1_000_000),
    count("adaptation-steps", \.loop.steps, 1...10_000),
    count("evaluation-interval", \.loop.interval, 1...10_000),
    rate("inner-generator-rate", \.loop.step.generatorRate),
    rate("inner-discriminator-rate", \.loop.step.discriminatorRate),
    weight("inner-sum-to-one-weight", \.loop.step.sumToOneWeight),
    weight("input-noise", \.loop.step.noise),
    weight("kernel-weight", \.loop.weights.kernel),
    .number("adversarial-weight", \.loop.weights.adversarial, "a number above 0") { $0.isFinite && $0 > 0 },
    weight("sum-to-one-weight", \.loop.weights.sumToOne),
    .choice("real", \.loop.real),
    rate("generator-rate", \.generatorRate),
    rate("discriminator-rate", \.discriminatorRate),
    .choice("rate-scaling", \.rateScaling),
    count("warm-up-steps", \.warmUpSteps, 0...1_000_000_000),
    .choice("reduction", \.reduction),
    .choice("schedule-by", \.scheduleUnit),
    .number("kernel-noise", \.kernels.noise, "a number from 0 to below 1") { (0..<1).contains($0) },
    .number("image-noise", \.imageNoise, "a number from 0 to 1") { (0...1).contains($0) },
    .number("gradient-bound", \.gradientBound, "a number above 0") { $0.isFinite && $0 > 0 },
  ]

  private static func count(
    _ name: String, _ path: WritableKeyPath<TrainingSettings, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    .number(name, path, "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }

  private static func rate(_ name: String, _ path: WritableKeyPath<TrainingSettings, Double> & Sendable)
    -> Field
  {
    .number(name, path, "a number of at least 0") { $0.isFinite && $0 >= 0 }
  }

  private static func weight(_ name: String, _ path: WritableKeyPath<TrainingSettings, Float> & Sendable)
    -> Field
  {
    .number(name, path, "a number of at least 0") { $0.isFinite && $0 >= 0 }
  }

  /// Settings that do not go together, in one sentence; nil where all is well.
  public var contradiction: String? {
    loop.steps % loop.interval == 0
      ? nil : "evaluation-interval \(loop.interval) does not divide adaptation-steps \(loop.steps)"
  }
}
