import KernelGAN

/// Every setting that the result of a training depends on, besides the data. Equal settings, data and number of steps
/// give equal checkpoints, byte for byte.
public struct TrainingSettings: Sendable, Equatable {
  public enum Algorithm: String, Sendable, CaseIterable, Codable {
    /// First-order MAML (paper, Algorithm 1).
    case meta
    /// DSKernelGAN: the meta-objective without an inner loop, by gradient descent with the inner rates.
    case dataset
  }
  /// Whether an outer step takes the mean over its tasks' gradients or the paper's sum; the same at one task a step.
  public enum Reduction: String, Sendable, CaseIterable, Codable { case mean, sum }
  /// What the interval weights' schedule counts.
  public enum ScheduleUnit: String, Sendable, CaseIterable, Codable { case tasks, steps }
  /// How the outer rates grow with the task batch size B: not at all, with its root, or with it.
  public enum RateScaling: String, Sendable, CaseIterable, Codable { case none, sqrt, linear }

  public var algorithm = Algorithm.meta
  public var seed: UInt64 = 0
  /// B, tasks an outer step.
  public var taskBatchSize = 1
  public var loop = InnerLoop.paper
  /// beta_G and beta_D, Adam's rates at B = 1.
  public var generatorRate = 1e-4, discriminatorRate = 1e-4
  public var rateScaling = RateScaling.none
  /// Outer steps over which the rates grow linearly from zero.
  public var warmUpSteps = 0
  public var reduction = Reduction.mean
  public var scheduleUnit = ScheduleUnit.tasks
  public var kernels = KernelDistribution.paper
  /// Standard deviations of image noise are drawn from U[0, this]; 0 for none.
  public var imageNoise = 0.0
  /// L2 norm of a task's gradient from which it counts as diverged.
  public var gradientBound = 1e4

  public init() {}

  /// The loop as tasks run it: the data set baseline has no adaptation steps.
  public var taskLoop: InnerLoop {
    var taskLoop = loop
    if algorithm == .dataset { taskLoop.steps = 0 }
    return taskLoop
  }

  /// Adam's rates at outer step `step`, counted from 0.
  public func rates(at step: Int) -> (generator: Double, discriminator: Double) {
    let batch = Double(taskBatchSize)
    let scale: Double =
      switch rateScaling {
      case .none: 1
      case .sqrt: batch.squareRoot()
      case .linear: batch
      }
    let warmth = step < warmUpSteps ? Double(step + 1) / Double(warmUpSteps) : 1
    return (generatorRate * scale * warmth, discriminatorRate * scale * warmth)
  }

  /// The interval weights of every task of outer step `step`.
  public func intervalWeights(at step: Int) -> [Float] {
    IntervalSchedule.weights(
      at: scheduleUnit == .tasks ? step * taskBatchSize : step, evaluations: taskLoop.evaluations)
  }
}
