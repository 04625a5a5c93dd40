import KernelGAN

extension TrainingSettings {
  /// One setting by its name in configuration files, checkpoints and (with a leading --) on the command line.
  public struct Field: Sendable {
    public let name: String
    /// The value as text, exactly.
    public let read: @Sendable (TrainingSettings) -> String
    /// Takes the text as a value; false where it is none that the setting can have.
    public let write: @Sendable (inout TrainingSettings, String) -> Bool
  }

  /// Every setting, in the order in which people read them.
  public static let fields: [Field] = [
    choice("algorithm", \.algorithm), number("seed", \.seed) { _ in true },
    number("task-batch-size", \.taskBatchSize) { (1...1_000_000).contains($0) },
    number("adaptation-steps", \.loop.steps) { (1...10_000).contains($0) },
    number("evaluation-interval", \.loop.interval) { (1...10_000).contains($0) },
    number("inner-generator-rate", \.loop.step.generatorRate, isRate),
    number("inner-discriminator-rate", \.loop.step.discriminatorRate, isRate),
    number("inner-sum-to-one-weight", \.loop.step.sumToOneWeight) { $0.isFinite && $0 >= 0 },
    number("input-noise", \.loop.step.noise) { $0.isFinite && $0 >= 0 },
    number("kernel-weight", \.loop.weights.kernel) { $0.isFinite && $0 >= 0 },
    number("adversarial-weight", \.loop.weights.adversarial) { $0.isFinite && $0 > 0 },
    number("sum-to-one-weight", \.loop.weights.sumToOne) { $0.isFinite && $0 >= 0 },
    choice("real", \.loop.real), number("generator-rate", \.generatorRate, isRate),
    number("discriminator-rate", \.discriminatorRate, isRate), choice("rate-scaling", \.rateScaling),
    number("warm-up-steps", \.warmUpSteps) { $0 >= 0 }, choice("reduction", \.reduction),
    choice("schedule-by", \.scheduleUnit), number("kernel-noise", \.kernels.noise) { (0..<1).contains($0) },
    number("image-noise", \.imageNoise) { (0...1).contains($0) },
    number("gradient-bound", \.gradientBound) { $0.isFinite && $0 > 0 },
  ]

  private static let isRate: @Sendable (Double) -> Bool = { $0.isFinite && $0 >= 0 }

  private static func number<Value: LosslessStringConvertible & Sendable>(
    _ name: String, _ path: WritableKeyPath<TrainingSettings, Value> & Sendable,
    _ allowed: @escaping @Sendable (Value) -> Bool
  ) -> Field {
    Field(
      name: name, read: { "\($0[keyPath: path])" },
      write: { settings, text in
        guard let value = Value(text), allowed(value) else { return false }
        settings[keyPath: path] = value
        return true
      })
  }

  private static func choice<Value: RawRepresentable & Sendable>(
    _ name: String, _ path: WritableKeyPath<TrainingSettings, Value> & Sendable
  ) -> Field where Value.RawValue == String {
    Field(
      name: name, read: { $0[keyPath: path].rawValue },
      write: { settings, text in
        guard let value = Value(rawValue: text) else { return false }
        settings[keyPath: path] = value
        return true
      })
  }

  /// Settings that do not go together, in one sentence; nil where all is well.
  public var contradiction: String? {
    loop.steps % loop.interval == 0
      ? nil : "evaluation-interval \(loop.interval) does not divide adaptation-steps \(loop.steps)"
  }
}
