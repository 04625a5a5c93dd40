public import Imaging

/// What is worth watching of one outer step.
public struct StepFigures: Sendable {
  /// Meta-losses, weighted sums over the evaluations of a task, means over the step's tasks.
  public var generatorLoss, discriminatorLoss: Double
  /// The generator's loss has this part: sum |k_est - k|.
  public var kernelLoss: Double
  /// L2 norms of the meta-gradients.
  public var generatorGradientNorm, discriminatorGradientNorm: Double
  public var tasksPerSecond: Double
  /// Tasks that were given to a second worker because the first took too long.
  public var stragglers: Int
  /// Workers connected.
  public var workers: Int
  /// The gradient noise scale in tasks, by the network's name; empty where none is known.
  public var noiseScales: [String: Double]

  public init(
    generatorLoss: Double, discriminatorLoss: Double, kernelLoss: Double, generatorGradientNorm: Double,
    discriminatorGradientNorm: Double, tasksPerSecond: Double, stragglers: Int, workers: Int,
    noiseScales: [String: Double] = [:]
  ) {
    self.generatorLoss = generatorLoss
    self.discriminatorLoss = discriminatorLoss
    self.kernelLoss = kernelLoss
    self.generatorGradientNorm = generatorGradientNorm
    self.discriminatorGradientNorm = discriminatorGradientNorm
    self.tasksPerSecond = tasksPerSecond
    self.stragglers = stragglers
    self.workers = workers
    self.noiseScales = noiseScales
  }

  fileprivate var scalars: [(tag: String, value: Double)] {
    [
      ("loss/generator_meta", generatorLoss),
      ("loss/discriminator_meta", discriminatorLoss),
      ("loss/kernel", kernelLoss),
      ("gradient_norm/generator", generatorGradientNorm),
      ("gradient_norm/discriminator", discriminatorGradientNorm),
      ("fleet/tasks_per_second", tasksPerSecond),
      ("fleet/stragglers", Double(stragglers)),
      ("fleet/workers", Double(workers)),
    ] + noiseScales.sorted { $0.key < $1.key }.map { ("noise_scale/\($0.key)", $0.value) }
  }
}

/// The tags under which a training is seen. All throw as `scalar` and `image` do.
extension EventWriter {
  /// About half a kilobyte a call, so in a long run of short steps not for every one.
  public func figures(_ figures: StepFigures, step: Int) throws(TelemetryError) {
    for scalar in figures.scalars { try self.scalar(scalar.tag, scalar.value, step: step) }
  }

  /// Kernel PSNR in dB, the mean over the held-out tasks, before and after adaptation.
  public func kernelPSNR(before: Double, after: Double, step: Int) throws(TelemetryError) {
    try scalar("kernel_psnr/before_adaptation", before, step: step)
    try scalar("kernel_psnr/after_adaptation", after, step: step)
  }

  /// The true and the estimated kernel of one held-out task, side by side in one picture.
  public func kernels(_ picture: Picture, task: Int, step: Int) throws {
    try image("kernels/task_\(task)", picture, step: step)
  }
}
