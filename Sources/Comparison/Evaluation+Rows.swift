extension Evaluation {
  /// Rows that every comparison has.
  public static let baselineLabels = [Row.bicubic, Row.trueKernel]

  /// What the rows may be called, in the tables' order. Methods that make pictures tell only when they have made one, so
  /// those rows are named for all.
  var rowLabels: [String] {
    var labels: [String] = []
    for label in benches.flatMap(rowLabels) where !labels.contains(label) { labels.append(label) }
    return labels
  }

  private func rowLabels(_ bench: Bench) -> [String] {
    func ofSettings(_ row: String) -> [String] { bench.settings.map { bench.label(row, $0) } }
    var labels = [Row.bicubic]
    for row in methods.map(\.label) { labels += ofSettings(row) + [Self.ownPictureLabel(row)] }
    for given in results {
      if !given.kernels.isEmpty { labels += ofSettings(given.name) }
      if !given.pictures.isEmpty { labels.append(Self.ownPictureLabel(given.name)) }
    }
    return labels + bench.noises.map(bench.trueKernelLabel)
  }

  /// The label of the row that somebody calls `name`: that very label, or the only one that begins so (own pictures apart).
  /// - Throws: `EvaluationError.unknownRow`.
  public func row(named name: String) throws(EvaluationError) -> String {
    let labels = rowLabels
    if labels.contains(name) { return name }
    let own = Self.ownPictureLabel("")
    let begun = labels.filter { $0.hasPrefix(name) && !$0.hasSuffix(own) }
    guard let label = begun.first, begun.count == 1 else {
      throw .unknownRow(name: name, rows: labels.filter { !$0.hasSuffix(own) || isGiven($0) })
    }
    return label
  }

  private func isGiven(_ label: String) -> Bool {
    results.contains { Self.ownPictureLabel($0.name) == label }
  }
}
