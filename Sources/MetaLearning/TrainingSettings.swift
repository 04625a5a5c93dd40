public import BlurKernels

/// Every setting that the result of a training depends on, besides the data. Equal settings, data and number of steps
/// give equal checkpoints, byte for byte.
public struct TrainingSettings: Sendable, Equatable {
  public enum Algorithm: String, Sendable, CaseIterable, Codable {
    /// First-order MAML (paper, Algorithm 1).
    case meta
    /// DSKernelGAN: the meta-objective without an inner loop, by gradient descent with the inner rates.
    case dataset
    /// A network predicts the kernel from the picture's spectrum, and adaptation, if any, starts there; by Adam.
    case conditioned
  }
  /// Whether an outer step takes the mean over its tasks' gradients or the paper's sum; the same at one task a step.
  public enum Reduction: String, Sendable, CaseIterable, Codable { case mean, sum }
  /// What the interval weights' schedule counts.
  public enum ScheduleUnit: String, Sendable, CaseIterable, Codable { case tasks, steps }
  /// How the outer rates grow with the task batch size B: not at all, with its root, or with it.
  public enum RateScaling: String, Sendable, CaseIterable, Codable { case none, sqrt, linear }

  public var algorithm = Algorithm.meta
  public var seed: UInt64 = 0
  /// SHA-256 of the checkpoint whose parameters training begins with; nil for fresh ones, drawn from the seed.
  public var start: String?
  /// B, tasks an outer step.
  public var taskBatchSize = 1
  /// Consecutive tasks that a worker computes as one unit and answers with the sum of their gradients; divides B. The sum
  /// over a step is the sum of its blocks' sums, so it is a part of the result.
  public var block = 1
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
  /// The share of tasks that image noise is for.
  public var imageNoiseShare = 1.0
  /// Side of the HR crops; where a picture is smaller, what it allows.
  public var cropSide = MetaTask.cropSide
  /// Adam's rate of the prediction network, at B = 1.
  public var conditioningRate = 1e-3
  /// Outer steps over which that rate falls to nothing along a cosine; 0 for a constant one.
  public var conditioningDecay = 0
  public var prediction = InnerLoop.Prediction(scale: 2, dropout: 0.1, shrinking: 1)
  /// L2 norm of a task's gradient from which it counts as diverged.
  public var gradientBound = 1e4

  public init() {}

  /// The loop as tasks run it: the data set baseline has no adaptation steps.
  public var taskLoop: InnerLoop {
    var taskLoop = loop
    if algorithm == .dataset { taskLoop.steps = 0 }
    if algorithm == .conditioned { taskLoop.prediction = prediction }
    if taskLoop.steps == 0 { taskLoop.interval = 1 }
    return taskLoop
  }

  /// Whether a prediction network is trained.
  public var predicts: Bool { algorithm == .conditioned }

  /// Adam's rates at outer step `step`, counted from 0.
  public func rates(at step: Int) -> (generator: Double, discriminator: Double, conditioning: Double) {
    let batch = Double(taskBatchSize)
    let scale: Double =
      switch rateScaling {
      case .none: 1
      case .sqrt: batch.squareRoot()
      case .linear: batch
      }
    let warmth = step < warmUpSteps ? Double(step + 1) / Double(warmUpSteps) : 1
    return (
      generatorRate * scale * warmth, discriminatorRate * scale * warmth,
      conditioningRate * scale * warmth * decay(at: step)
    )
  }

  private func decay(at step: Int) -> Double {
    guard conditioningDecay > 0 else { return 1 }
    let share = Double(min(step, conditioningDecay)) / Double(conditioningDecay)
    return 0.5 + 0.5 * Elementary.sineAndCosine(Double.pi * share).cosine
  }

  /// The interval weights of every task of outer step `step`.
  public func intervalWeights(at step: Int) -> [Float] {
    IntervalSchedule.weights(
      at: scheduleUnit == .tasks ? step * taskBatchSize : step, evaluations: taskLoop.evaluations)
  }
}
