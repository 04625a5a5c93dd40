/// One line of a benchmark's table: a method at a number of steps, over all pictures and runs.
struct Row: Sendable {
  let label: String
  let steps: Int?
  let scores: [Score]

  static let bicubic = "bicubic"
  static let trueKernel = "true kernel"

  /// Whether it was estimated here, once for each seed.
  var isEstimated: Bool { steps != nil }
  /// Whether it is of kernels that were found, here or by another tool.
  var hasKernels: Bool { scores.contains { $0.kernelPSNR != nil } }
  /// What the enlarging was told of noise.
  var noise: String? { scores.first?.noise }

  /// The rows of one benchmark's scores, in the scores' order.
  static func all(_ scores: [Score]) -> [Row] {
    struct Name: Hashable { let label: String, steps: Int? }
    var order: [Name] = []
    let groups = Dictionary(grouping: scores) { Name(label: $0.method, steps: $0.steps) }
    for score in scores {
      let name = Name(label: score.method, steps: score.steps)
      if order.last != name && !order.contains(name) { order.append(name) }
    }
    return order.map { Row(label: $0.label, steps: $0.steps, scores: groups[$0] ?? []) }
  }

  /// The mean over runs of the mean over pictures, and the standard deviation over runs.
  func spread(_ measure: Measure) -> Spread? {
    let runs = Dictionary(grouping: scores, by: \.seed).sorted { $0.key ?? 0 < $1.key ?? 0 }
    let means = runs.compactMap { Statistics.mean($0.value.compactMap(measure.value)) }
    return Statistics.mean(means).map { Spread(mean: $0, deviation: Statistics.deviation(means)) }
  }

  /// Mean over runs, by picture.
  func byPicture(_ measure: Measure) -> [String: Double] {
    Dictionary(grouping: scores, by: \.picture).compactMapValues {
      Statistics.mean($0.compactMap(measure.value))
    }
  }
}

struct Spread: Codable, Sendable, Equatable {
  let mean: Double
  /// Nil for a single run.
  let deviation: Double?

  func text(digits: Int) -> String {
    guard let deviation else { return mean.text(digits) }
    return "\(mean.text(digits)) ± \(deviation.text(digits))"
  }
}
