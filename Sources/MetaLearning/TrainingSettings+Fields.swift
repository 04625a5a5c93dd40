import Networks

extension TrainingSettings {
  public typealias Field = SettingField<TrainingSettings>

  /// Every setting, in the order in which people read them.
  public static let fields: [Field] = [
    .choice("algorithm", \.algorithm),
    .number("seed", \.seed, "a whole number from 0 to 2^64 - 1") { _ in true },
    start.later,
    count("task-batch-size", \.taskBatchSize, 1...1_000_000),
    count("block", \.block, 1...largestBlock).later,
    count("adaptation-steps", \.loop.steps, 0...10_000),
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
    share("kernel-noise-share", \.kernels.noiseShare).later,
    share("image-noise-share", \.imageNoiseShare).later,
    Field.number("crop-side", \.cropSide, "a multiple of 4 from 128 to 1024") {
      (128...1024).contains($0) && $0 % 4 == 0
    }.later,
    Field.number("scale", \.prediction.scale, "2 or 4") { $0 == 2 || $0 == 4 }.later,
    Field.number("shrinking", \.prediction.shrinking, "a number from 1 to 4") { (1...4).contains($0) }
      .later,
    share("family-share", \.kernels.familyShare).later,
    share("jpeg-share", \.prediction.jpegShare).later,
    share("softening", \.prediction.softening).later,
    rate("conditioning-rate", \.conditioningRate).later,
    count("conditioning-decay", \.conditioningDecay, 0...1_000_000_000).later,
    Field.number("thinning", \.prediction.dropout, "a number from 0 to below 1") { (0..<1).contains($0) }
      .later,
  ]

  /// The most tasks of a block, and the most bytes of its pictures: an order for a worker is one message.
  static let largestBlock = 128
  static let largestOrder = 24 << 20

  private static let start = Field(
    name: "start", allowed: "none, or the SHA-256 of a checkpoint, 64 lower-case hexadecimal digits",
    read: { $0.start ?? "none" },
    write: { settings, text in
      guard text == "none" || text.wholeMatch(of: /[0-9a-f]{64}/) != nil else { return false }
      settings.start = text == "none" ? nil : text
      return true
    })

  private static func count(
    _ name: String, _ path: WritableKeyPath<TrainingSettings, Int> & Sendable, _ range: ClosedRange<Int>
  ) -> Field {
    .number(name, path, "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }

  private static func share(_ name: String, _ path: WritableKeyPath<TrainingSettings, Double> & Sendable)
    -> Field
  {
    .number(name, path, "a number from 0 to 1") { (0...1).contains($0) }
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
    if loop.steps % loop.interval != 0 {
      return "evaluation-interval \(loop.interval) does not divide adaptation-steps \(loop.steps)"
    }
    if algorithm == .meta, loop.steps == 0 { return "algorithm meta needs adaptation-steps of at least 1" }
    if algorithm != .conditioned, cropSide != MetaTask.cropSide || prediction.scale != 2 {
      return "crop-side and scale are settings of algorithm conditioned"
    }
    if algorithm == .conditioned, prediction.scale == 4, loop.steps > 0 {
      return "scale 4 is trained with adaptation-steps 0"
    }
    if taskBatchSize % block != 0 {
      return "block \(block) does not divide task-batch-size \(taskBatchSize)"
    }
    if block * 3 * cropSide * cropSide > Self.largestOrder {
      return "block \(block) is too large for crop-side \(cropSide): the pictures of a block may have "
        + "\(Self.largestOrder >> 20) MB together, which are \(Self.largestOrder / (3 * cropSide * cropSide)) tasks"
    }
    return nil
  }
}
