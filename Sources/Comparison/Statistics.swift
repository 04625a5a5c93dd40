import Foundation

/// The figures that tables are made of.
public enum Statistics {
  /// Nil for no values.
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The sample's standard deviation (divided by n - 1); nil for fewer than two values.
  public static func deviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// Pearson's r, from -1 to 1; nil for fewer than three points and where one side does not vary.
  public static func pearson(_ points: [(x: Double, y: Double)]) -> Double? {
    guard points.count > 2, let x = mean(points.map(\.x)), let y = mean(points.map(\.y)) else { return nil }
    func moment(_ product: ((x: Double, y: Double)) -> Double) -> Double {
      points.reduce(0) { $0 + product(($1.x - x, $1.y - y)) }
    }
    let scale = (moment { $0.x * $0.x } * moment { $0.y * $0.y }).squareRoot()
    let r = moment { $0.x * $0.y } / scale
    return r.isFinite ? min(max(r, -1), 1) : nil
  }

  /// Spearman's rho: Pearson's r of the ranks, equal values sharing the mean of theirs.
  public static func spearman(_ points: [(x: Double, y: Double)]) -> Double? {
    pearson(Array(zip(ranks(points.map(\.x)), ranks(points.map(\.y)))).map { (x: $0.0, y: $0.1) })
  }

  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      let end = order[start...].firstIndex { values[$0] != values[order[start]] } ?? order.count
      for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }
}
