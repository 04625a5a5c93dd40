import Foundation

/// How a training stands, for people and programs that watch it. Its coordinator writes it into the run's folder about
/// once a second (`RunLease.publish(_:)`); none of it is needed to go on with the run. Figures that are not finite are
/// left out.
public struct RunStatus: Codable, Sendable, Equatable {
  /// Of this layout; a status of another version is not read.
  public static let version = 1

  public enum State: String, Codable, Sendable { case training, finished, interrupted, failed }

  /// Means over the tasks of about the last second, of their last evaluation.
  public struct Losses: Codable, Sendable, Equatable {
    public var kernel: Double?, generator: Double?, discriminator: Double?

    public init(kernel: Double?, generator: Double?, discriminator: Double?) {
      (self.kernel, self.generator, self.discriminator) = (kernel, generator, discriminator)
    }
  }

  /// Mean kernel PSNR in dB before and after adaptation.
  public struct Quality: Codable, Sendable, Equatable {
    public var step: Int
    public var before: Double, after: Double

    /// Nil where one is not finite.
    public init?(step: Int, before: Double, after: Double) {
      guard before.isFinite, after.isFinite else { return nil }
      (self.step, self.before, self.after) = (step, before, after)
    }
  }

  public struct Checkpoint: Codable, Sendable, Equatable {
    public var step: Int
    /// Of the whole file.
    public var sha256: String

    public init(step: Int, sha256: String) { (self.step, self.sha256) = (step, sha256) }
  }

  public struct Worker: Codable, Sendable, Equatable {
    public var name: String, host: String
    public var cores: Int
    public var instructionSet: String
    /// `examined` until it has shown that it computes as all others do.
    public var stage: Stage
    /// Why it is quarantined.
    public var reason: String?
    public var tasksPerSecond: Double
    /// Since it connected.
    public var tasksDone: Int
    /// Tasks that went to someone else because it was lost, slow or wrong.
    public var retries: Int
    /// Seconds since it was last heard of.
    public var silentFor: Double

    public enum Stage: String, Codable, Sendable { case examined, active, quarantined }

    public init(
      name: String, host: String, cores: Int, instructionSet: String, stage: Stage, reason: String?,
      tasksPerSecond: Double, tasksDone: Int, retries: Int, silentFor: Double
    ) {
      (self.name, self.host, self.cores) = (name, host, cores)
      (self.instructionSet, self.stage, self.reason) = (instructionSet, stage, reason)
      (self.tasksPerSecond, self.tasksDone) = (tasksPerSecond, tasksDone)
      (self.retries, self.silentFor) = (retries, silentFor)
    }
  }

  /// What went wrong since the coordinator began, and was mended.
  public struct Faults: Codable, Sendable, Equatable {
    /// Results that did not count, by reason: `broken`, `stale`, `late`, `duplicate`.
    public var refused: [String: Int]
    /// Tasks given to a second worker because the first was slow.
    public var reissued: Int
    /// Tasks that the coordinator computed again, to settle a dispute or to verify.
    public var replays: Int
    /// Tasks left out because they diverged by themselves.
    public var diverged: Int
    /// Steps that were done again.
    public var restarts: Int
    /// Workers lost, for whatever reason.
    public var lost: Int
    public var quarantines: Int
    /// Workers that joined another time.
    public var reconnections: Int
    /// Times that another coordinator of the run had to be waited for.
    public var leaseWaits: Int

    public init(
      refused: [String: Int], reissued: Int, replays: Int, diverged: Int, restarts: Int, lost: Int,
      quarantines: Int, reconnections: Int, leaseWaits: Int
    ) {
      (self.refused, self.reissued, self.replays) = (refused, reissued, replays)
      (self.diverged, self.restarts, self.lost) = (diverged, restarts, lost)
      (self.quarantines, self.reconnections, self.leaseWaits) = (quarantines, reconnections, leaseWaits)
    }
  }

  /// The gradient noise scale of each network, in tasks; nil where it is not known.
  public struct NoiseScale: Codable, Sendable, Equatable {
    public var generator: Double?, discriminator: Double?, prediction: Double?
    /// What it means for the number of workers, one sentence.
    public var sentence: String

    public init(generator: Double?, discriminator: Double?, prediction: Double?, sentence: String) {
      (self.generator, self.discriminator, self.prediction) = (generator, discriminator, prediction)
      self.sentence = sentence
    }

    /// By the names that figures and curves use; only those that are known.
    public var byNetwork: [String: Double] {
      ["generator": generator, "discriminator": discriminator, "prediction": prediction].compactMapValues {
        $0
      }
    }
  }

  /// A task's true kernel and what adaptation made of it, row by row, to five decimals.
  public struct Kernels: Codable, Sendable, Equatable {
    public var step: Int, index: Int
    public var side: Int
    public var truth: [Double], estimate: [Double]
    /// Kernel PSNR of the estimate, in dB.
    public var psnr: Double?

    public init(step: Int, index: Int, truth: [Float], estimate: [Float], psnr: Double?) {
      (self.step, self.index) = (step, index)
      side = Int(Double(truth.count).squareRoot())
      (self.truth, self.estimate) = (truth.map(Self.short), estimate.map(Self.short))
      self.psnr = psnr
    }

    private static func short(_ value: Float) -> Double {
      value.isFinite ? (Double(value) * 1e5).rounded() / 1e5 : 0
    }
  }

  public private(set) var version = Self.version
  /// As the run's folder is called.
  public var name: String
  /// As in the run's configuration.
  public var algorithm: String
  public var state = State.training
  /// How it ended.
  public var message: String?
  /// When this was written, in seconds since 1970 on the coordinator's clock.
  public var updated = 0.0
  /// Outer steps done, and of how many.
  public var step: Int, steps: Int
  /// Tasks folded since the coordinator began.
  public var tasks = 0
  public var tasksPerSecond: Double?
  public var secondsLeft: Double?
  public var losses: Losses?
  /// On training tasks, the oldest first; the last is of about the last second.
  public var history: [Quality] = []
  /// On the run's held-out tasks.
  public var evaluations: [Quality] = []
  public var latest: Checkpoint?
  /// By kernel PSNR on held-out tasks.
  public var best: Checkpoint?
  public var workers: [Worker] = []
  /// Nil in files of programs before 0.2.
  public var faults: Faults?
  /// Nil until an outer step is done.
  public var noiseScale: NoiseScale?
  /// Of the last tasks, the newest first.
  public var kernels: [Kernels] = []

  public init(name: String, algorithm: String, step: Int, steps: Int) {
    (self.name, self.algorithm, self.step, self.steps) = (name, algorithm, step, steps)
  }
}
