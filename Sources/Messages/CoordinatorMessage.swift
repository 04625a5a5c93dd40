/// What a coordinator says to its workers.
public enum CoordinatorMessage: Equatable, Sendable {
  case welcome(Welcome)
  case parameters(Parameters)
  case task(TaskOrder)
  /// The result of this task is no longer wanted.
  case cancel(TaskID)
  /// Sent to a peer that the coordinator does not know, as all are after its restart.
  case registerAgain
  case rejection(Rejection)
  case shutdown(ShutdownReason)
}

/// The answer to a registration: a worker gets tasks once its canary's hash is right.
public struct Welcome: Equatable, Sendable {
  public var run: String
  public var incarnation: Int
  public var innerLoop: InnerLoopSettings
  public var canary: Canary
  /// L2 norm of a task's gradient above which the task counts as diverged, above 0.
  public var gradientBound: Double

  public init(
    run: String, incarnation: Int, innerLoop: InnerLoopSettings, canary: Canary, gradientBound: Double
  ) {
    (self.run, self.incarnation, self.innerLoop, self.canary) = (run, incarnation, innerLoop, canary)
    self.gradientBound = gradientBound
  }
}

/// The settings of the inner loop as they travel, equal for all tasks of a run.
public struct InnerLoopSettings: Equatable, Sendable {
  /// What the discriminator's meta-loss takes as real: a crop of the LR image degraded once more with the true
  /// kernel, as the authors' code does, or of the LR image itself (paper, Eq. 6).
  public enum Real: Hashable, Sendable, CaseIterable { case groundTruthSon, lr }

  /// N_adapt, 1 to 10,000; 0 for one meta-evaluation without adaptation.
  public var adaptationSteps: Int
  /// Steps from one meta-evaluation to the next, 1 to `adaptationSteps`.
  public var evaluationInterval: Int
  /// alpha_G and alpha_D
  public var generatorRate: Float, discriminatorRate: Float
  /// zeta of the adaptation's own loss
  public var sumToOneWeight: Float
  /// Standard deviation of the noise on the discriminator's inputs.
  public var noise: Float
  /// omega, eta and zeta of the meta-loss
  public var metaKernelWeight: Float, metaAdversarialWeight: Float, metaSumToOneWeight: Float
  public var real: Real
  /// Of the LR picture whose kernel is foreseen, 2 or 4; 0 where adaptation starts from the generator's own.
  public var foreseenScale: Int
  /// The share of hidden units that is left out in foreseeing, 0 to below 1.
  public var thinning: Float
  /// The largest factor that crops are shrunk by before they are degraded, 1 or more.
  public var shrinking: Float
  /// The share of LR pictures that were stored as JPEG before they are looked at.
  public var jpegShare: Float
  /// The largest deviation of the Gaussians that half of the HR pictures are softened by first, in pixels, 0 to 1.
  public var softening: Float

  public init(
    adaptationSteps: Int, evaluationInterval: Int, generatorRate: Float, discriminatorRate: Float,
    sumToOneWeight: Float, noise: Float, metaKernelWeight: Float, metaAdversarialWeight: Float,
    metaSumToOneWeight: Float, real: Real, foreseenScale: Int = 0, thinning: Float = 0,
    shrinking: Float = 1, jpegShare: Float = 0, softening: Float = 0
  ) {
    (self.adaptationSteps, self.evaluationInterval) = (adaptationSteps, evaluationInterval)
    (self.generatorRate, self.discriminatorRate) = (generatorRate, discriminatorRate)
    (self.sumToOneWeight, self.noise, self.real) = (sumToOneWeight, noise, real)
    (self.metaKernelWeight, self.metaAdversarialWeight) = (metaKernelWeight, metaAdversarialWeight)
    self.metaSumToOneWeight = metaSumToOneWeight
    (self.foreseenScale, self.thinning, self.shrinking) = (foreseenScale, thinning, shrinking)
    (self.jpegShare, self.softening) = (jpegShare, softening)
  }
}

/// A task small enough to be computed at every registration, on parameters that the worker draws from a key.
public struct Canary: Equatable, Sendable {
  public var content: TaskContent
  public var parametersKey: UInt64
  /// In place of the run's own number, 1 to 10,000.
  public var adaptationSteps: Int

  public init(content: TaskContent, parametersKey: UInt64, adaptationSteps: Int) {
    (self.content, self.parametersKey, self.adaptationSteps) = (content, parametersKey, adaptationSteps)
  }
}

/// The networks that all tasks of a step start from.
public struct Parameters: Equatable, Sendable {
  public var origin: Origin
  public var step: Int
  /// Both networks with u and v, in the layout's order. Their SHA-256 is `origin.parameters`; the receiver checks it.
  public var values: [Float]

  public init(origin: Origin, step: Int, values: [Float]) {
    (self.origin, self.step, self.values) = (origin, step, values)
  }
}

/// A task to compute, or a block of tasks.
public struct TaskOrder: Equatable, Sendable {
  public var run: String
  public var incarnation: Int
  public var id: TaskID
  /// SHA-256 of the parameters to start from; nil for a task sent ahead, which waits for those of its step.
  public var parameters: String?
  /// One a task, in the order of their indices.
  public var contents: [TaskContent]

  /// - Precondition: as many contents as the unit has tasks.
  public init(run: String, incarnation: Int, id: TaskID, parameters: String?, contents: [TaskContent]) {
    (self.run, self.incarnation, self.id) = (run, incarnation, id)
    (self.parameters, self.contents) = (parameters, contents)
  }
}

/// All that computing a task takes, so that a worker needs no data set.
public struct TaskContent: Equatable, Sendable {
  /// Of the square HR crop, 1 to 1,024.
  public var side: Int
  /// The crop after augmentation, (side, side, 3), 8-bit RGB.
  public var pixels: [UInt8]
  /// The blur kernel, square, at most 31x31.
  public var kernel: [Float]
  /// Philox key of all the task's draws.
  public var key: UInt64
  /// Weights of the meta-evaluations, in their order; at most 64.
  public var intervalWeights: [Float]
  /// Half-width of the relative noise that the kernel was made with.
  public var kernelNoise: Float
  /// Standard deviation of the noise to add to the LR image, in units of full scale.
  public var imageNoise: Float

  public init(
    side: Int, pixels: [UInt8], kernel: [Float], key: UInt64, intervalWeights: [Float],
    kernelNoise: Float = 0,
    imageNoise: Float = 0
  ) {
    (self.side, self.pixels, self.kernel, self.key) = (side, pixels, kernel, key)
    (self.intervalWeights, self.kernelNoise, self.imageNoise) = (intervalWeights, kernelNoise, imageNoise)
  }
}

/// Why a worker gets no tasks.
public struct Rejection: Equatable, Sendable {
  public enum Reason: Hashable, Sendable, CaseIterable {
    case otherProtocol, otherVersion, otherArchitecture, canaryDiffers, quarantined
    /// The compute process stands still; started again it is welcome.
    case noProgress
    /// Another worker of this name is there; when that is gone it is welcome.
    case nameTaken
  }

  public var reason: Reason
  /// For the worker's log; at most 500 characters travel.
  public var explanation: String

  /// Whether the same program, started again, could be accepted.
  public var mayTryAgain: Bool { reason == .noProgress || reason == .nameTaken }

  public init(_ reason: Reason, _ explanation: String) {
    (self.reason, self.explanation) = (reason, explanation)
  }
}

public enum ShutdownReason: Hashable, Sendable, CaseIterable {
  /// The run has done all its steps.
  case finished
  /// The coordinator was told to stop and will be started again.
  case interrupted
  /// The run has stopped itself.
  case failed
}
