/// What an evaluation came to, ready to be written down. Made of scores alone, so that the same scores give the same text.
public struct Report: Sendable {
  let sections: [Section]
  let scores: [Score]
  /// What was left out, one sentence each.
  let faults: [String]

  /// What was compared on one benchmark.
  public struct Head: Codable, Sendable {
    public let bench: String
    public let scale: Int
    /// Names of those measured.
    public let pictures: [String]
    public let runs: Int
    /// How pictures were enlarged, in words; nil where only kernels were compared.
    public let enlarging: String?
    /// Nil for whole pictures.
    public let crop: Crop?

    public init(
      bench: String, scale: Int, pictures: [String], runs: Int, enlarging: String?, crop: Crop? = nil
    ) {
      (self.bench, self.scale, self.pictures) = (bench, scale, pictures)
      (self.runs, self.enlarging, self.crop) = (runs, enlarging, crop)
    }

    /// Whether every picture was measured as a whole, so that papers' figures can stand beside.
    var isWhole: Bool { crop?.pictures.isEmpty ?? true }
  }

  /// The crop: only the central part of larger pictures was used.
  public struct Crop: Codable, Sendable {
    /// The most pixels of the original, a side, that were used.
    public let side: Int
    /// Names of the larger pictures.
    public let pictures: [String]

    public init(side: Int, pictures: [String]) { (self.side, self.pictures) = (side, pictures) }

    /// A sentence.
    func description(of total: Int) -> String {
      "Only the central \(side)x\(side) pixels of each original were used, as far as it is larger (--crop \(side)), which "
        + "concerns \(pictures.count) of \(total.counted("picture"))."
    }
  }

  struct Section: Sendable {
    let head: Head
    let rows: [Row]
    let correlations: [Correlation]
    /// Every row's differences from the one that they are compared with; nil where none was named.
    let paired: (name: String, all: [Paired])?

    var title: String { head.bench }

    var introduction: String {
      "\(head.pictures.count.counted("picture")), scale \(head.scale). "
        + (head.enlarging.map { "Enlarged by \($0)." } ?? "Kernels only.")
        + (head.crop.map { " " + $0.description(of: head.pictures.count) } ?? "")
    }

    var tables: [Table] {
      let costed = rows.filter { row in Measure.cost.contains { row.spread($0) != nil } }
      let tables = [
        Table.quality(head, rows), paired.map { Table.paired($0.name, $0.all) }, .cost(head, costed),
        .correlation(head, correlations),
      ].compactMap(\.self)
      return tables.filter { table in table.rows.contains { !$0.isQuoted } }
    }
  }

  /// - Parameter against: the label of a row that all others are compared with, picture by picture.
  public init(heads: [Head], scores: [Score], faults: [String], against: String? = nil) {
    (self.scores, self.faults) = (scores, faults)
    sections = heads.map { head in
      let rows = Row.all(scores.filter { $0.bench == head.bench })
      return Section(
        head: head, rows: rows, correlations: Correlation.all(rows),
        paired: against.map { ($0, Paired.all(rows, against: $0)) })
    }
  }
}

extension Evaluation {
  /// What the ledger's measurements come to.
  ///
  /// - Parameter against: the label of a row that all others are compared with, picture by picture.
  public func report(from ledger: Ledger, faults: [String], against: String? = nil) -> Report {
    let heads = benches.map { bench in
      Report.Head(
        bench: bench.name, scale: bench.scale, pictures: bench.pairs.map(\.name), runs: runs,
        enlarging: enlarging.map { enlarging in
          enlarging.name + (enlarging.sha256.map { " (\($0.prefix(8)))" } ?? "")
            + ", noise level " + bench.noises.map { $0.description(bench.name) }.joined(separator: "; ")
        },
        crop: bench.crop.map { side in
          Report.Crop(side: side, pictures: bench.pairs.filter { $0.region != nil }.map(\.name))
        })
    }
    return Report(heads: heads, scores: scores(in: ledger), faults: faults, against: against)
  }
}
