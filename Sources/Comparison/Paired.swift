import Numerics

/// How a row differs from another in one measure, picture by picture.
struct Paired: Codable, Sendable, Equatable {
  /// The row.
  let method: String
  let steps: Int?
  /// As files call it.
  let measure: String
  /// Pictures of which both rows have a finite figure.
  let pictures: Int
  /// The mean over pictures of this row's figure (its mean over runs) less the other's.
  let difference: Double
  /// The central 95 % of that mean over bootstrap resamples of the pictures; nil for fewer than two pictures.
  let low, high: Double?
  /// Pictures on which this row is better, worse, and equal as tables print the figures.
  let won, lost, tied: Int

  enum CodingKeys: String, CodingKey {
    case method, steps, measure, pictures, difference, low, high, won, lost, tied
  }

  /// Every other row with the one called `name` (of several numbers of steps, the last), in each measure that both have.
  static func all(_ rows: [Row], against name: String) -> [Paired] {
    guard let base = rows.last(where: { $0.label == name }) else { return [] }
    return rows.filter { $0.label != base.label || $0.steps != base.steps }.flatMap { row in
      Measure.quality.compactMap { Paired(row, against: base, in: $0) }
    }
  }

  private init?(_ row: Row, against base: Row, in measure: Measure) {
    let (own, others) = (row.byPicture(measure), base.byPicture(measure))
    let differences = own.keys.sorted().compactMap { picture in
      others[picture].map { (own[picture] ?? 0) - $0 }
    }.filter(\.isFinite)
    guard let mean = Statistics.mean(differences) else { return nil }
    (method, steps, self.measure) = (row.label, row.steps, measure.key.rawValue)
    (pictures, difference) = (differences.count, mean)
    let interval = Statistics.bootstrapInterval(differences)
    (low, high) = (interval?.low, interval?.high)
    let leastShown = measure.leastShown
    tied = differences.count { abs($0) < leastShown / 2 }
    let higher = differences.count { $0 >= leastShown / 2 }
    let lower = differences.count - tied - higher
    (won, lost) = measure.lessIsBetter ? (lower, higher) : (higher, lower)
  }
}

extension Measure {
  /// The last digit that tables print.
  fileprivate var leastShown: Double { (0..<digits).reduce(1.0) { unit, _ in unit / 10 } }
}

extension Statistics {
  /// The central 95 % of the mean of bootstrap resamples (Efron's percentile interval): the 250th smallest and the 250th
  /// largest of 10,000 means of as many values drawn with replacement. Equal values give equal intervals everywhere, since
  /// the draws are Philox's with a fixed key. Nil for fewer than two values.
  public static func bootstrapInterval(_ values: [Double]) -> (low: Double, high: Double)? {
    guard values.count > 1 else { return nil }
    var random = Philox(key: bootstrapKey)
    let means = (0..<bootstrapResamples).map { _ in
      values.indices.reduce(0.0) { sum, _ in sum + values[random.below(values.count)] } / Double(values.count)
    }.sorted()
    let tail = bootstrapResamples / 40
    return (means[tail - 1], means[bootstrapResamples - tail])
  }

  private static let bootstrapResamples = 10_000
  private static let bootstrapKey: UInt64 = 95
}
