/// Settings that belong together, by one name.
public struct Preset: Sendable, Equatable {
  /// The setting in configuration files that names one.
  public static let key = "preset"

  public let name: String
  /// For people, one line.
  public let explanation: String
  /// Settings as configuration files name them; what is not named keeps its default.
  public let settings: [(key: String, value: String)]

  public static func == (one: Preset, other: Preset) -> Bool { one.name == other.name }

  /// `paper`, and those that the shipped weights were trained with.
  public static let all: [Preset] = [
    Preset(
      name: "paper", explanation: "the paper's algorithm with four tasks a step, 30,000 tasks",
      settings: [("task-batch-size", "4"), ("rate-scaling", "sqrt"), ("steps", "7500")]),
    Preset(
      name: "best", explanation: "the prediction networks of the shipped weights, scale 2",
      settings: conditioned + scale2 + steps(12_000)),
    Preset(
      name: "best-jpeg", explanation: "the same for pictures that were JPEGs",
      settings: conditioned + scale2 + jpeg + steps(16_000)),
    Preset(
      name: "best-x4", explanation: "the prediction networks of the shipped weights, scale 4",
      settings: conditioned + scale4 + steps(12_000)),
    Preset(
      name: "best-x4-jpeg", explanation: "the same for pictures that were JPEGs",
      settings: conditioned + scale4 + jpeg + steps(16_000)),
  ]

  private static let conditioned = [
    ("algorithm", "conditioned"), ("task-batch-size", "64"), ("adaptation-steps", "0"),
    ("kernel-noise", "0.4"), ("image-noise", "0.039"), ("conditioning-rate", "0.002"),
  ]
  private static let scale2 = [
    ("crop-side", "320"), ("shrinking", "2.5"), ("kernel-noise-share", "0.33"), ("image-noise-share", "0.5"),
  ]
  private static let scale4 = [
    ("scale", "4"), ("crop-side", "480"), ("shrinking", "1.3"), ("kernel-noise-share", "0"),
    ("image-noise-share", "0.25"),
  ]
  private static let jpeg = [("thinning", "0"), ("jpeg-share", "0.1")]

  private static func steps(_ count: Int) -> [(String, String)] {
    [("steps", "\(count)"), ("conditioning-decay", "\(count)")]
  }
}
