public import MetaLearning

/// How a training is run. None of this changes its result.
public struct RunSettings: Sendable, Equatable {
  /// Outer steps until it is done.
  public var steps = 100_000
  /// Folders of pictures; empty for the embedded default, drawn ones.
  public var data: [String] = []
  /// The file of the checkpoint to begin with, where `TrainingSettings.start` says that there is one. Not saved with the run.
  public var start: String?
  /// The preset that the settings began with, for people to read.
  public var preset: String?
  /// Drawn pictures to train on beside those of `data`.
  public var drawnPictures = 0
  /// Steps between two checkpoints; one is written at least every five minutes besides.
  public var checkpointEvery = 1000
  /// How many of the newest checkpoints are kept, and each of which step besides (0: none).
  public var keepLast = 5, keepEvery = 0
  /// Tasks between two measurements on held-out tasks, and the number of those.
  public var evaluateEvery = 4000, evaluationTasks = 64
  /// Share of the tasks that is computed twice.
  public var verify = 0.0
  /// Share of diverged tasks, of all so far, from which the run stops.
  public var divergedLimit = 0.05

  public typealias Field = SettingField<RunSettings>

  public static let fields: [Field] = [
    count("steps", \.steps, in: 1...1_000_000_000), count("drawn-pictures", \.drawnPictures, in: 0...100_000),
    count("checkpoint-every", \.checkpointEvery, in: 1...1_000_000_000),
    count("keep-last", \.keepLast, in: 1...1_000_000),
    count("keep-every", \.keepEvery, in: 0...1_000_000_000),
    count("evaluate-every", \.evaluateEvery, in: 1...1_000_000_000),
    count("evaluation-tasks", \.evaluationTasks, in: 0...100_000),
    share("verify", \.verify), share("diverged-limit", \.divergedLimit),
  ]

  public init() {}

  private static func count(
    _ name: String, _ path: WritableKeyPath<RunSettings, Int> & Sendable, in range: ClosedRange<Int>
  ) -> Field {
    .number(name, path, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }

  private static func share(_ name: String, _ path: WritableKeyPath<RunSettings, Double> & Sendable) -> Field
  {
    .number(name, path, allowed: "a number from 0 to 1") { (0...1).contains($0) }
  }
}
