import Platform

/// A table of a report, before it is drawn as Markdown or HTML.
struct Table: Sendable, Equatable {
  let title: String
  let header: [String]
  let rows: [Line]
  /// What has to be known to read it; empty for nothing.
  var note = ""
  /// So many first columns hold words, the others figures.
  var wordColumns = 1

  struct Line: Sendable, Equatable {
    let cells: [String]
    /// Another's figures, for comparison.
    var isQuoted = false
  }
}

extension Table {
  /// How good: the paper's Tables 1 and 2.
  static func quality(_ head: Report.Head, _ rows: [Row]) -> Table {
    let measures = Measure.quality.enumerated().filter { _, measure in
      rows.contains { $0.spread(measure) != nil }
    }
    let own = rows.map { row in
      Line(cells: label(row, head) + measures.map { _, measure in text(row, measure) })
    }
    let quoted = (head.isWhole ? Paper.lines(bench: head.bench, pictures: head.pictures) : [])
      .filter { line in measures.contains { line.values[$0.offset] != nil } }
      .map { line in
        Line(
          cells: ["paper: \(line.method) (\(line.table))", line.steps.map(String.init) ?? "-"]
            + measures.map { line.values[$0.offset].text($0.element.digits) },
          isQuoted: true)
      }
    let isRepeated = head.runs > 1 && rows.contains(where: \.isEstimated)
    let runs = isRepeated ? " and \(head.runs) runs (± standard deviation over runs)" : ""
    return Table(
      title: "Quality", header: ["method", "steps"] + measures.map(\.element.name), rows: own + quoted,
      note:
        "Means over \(head.pictures.count.counted("picture"))\(runs); PSNR in dB; of LK-COV less is better.")
  }

  /// Every row's differences from the row called `name`.
  static func paired(_ name: String, _ all: [Paired]) -> Table {
    let measures = Dictionary(
      Measure.quality.map { ($0.key.rawValue, $0) }, uniquingKeysWith: { one, _ in one })
    let lines = all.compactMap { one -> Line? in
      guard let measure = measures[one.measure] else { return nil }
      let interval = one.low.flatMap { low in
        one.high.map { "\(low.signedText(measure.digits)) to \($0.signedText(measure.digits))" }
      }
      return Line(cells: [
        one.method, measure.name, one.steps.map(String.init) ?? "-", "\(one.pictures)",
        one.difference.signedText(measure.digits), interval ?? "-", "\(one.won)", "\(one.lost)",
        "\(one.tied)",
      ])
    }
    return Table(
      title: "Differences from \(name)",
      header: [
        "method", "metric", "steps", "pictures", "difference", "95 % interval", "won", "lost", "tied",
      ],
      rows: lines,
      note:
        "Means over pictures of the method's figure less that of \(name), with the bootstrap interval over pictures; "
        + "won: pictures on which the method is better; tied: equal as printed.",
      wordColumns: 2)
  }

  /// What it costs: the paper's Table 3.
  static func cost(_ head: Report.Head, _ rows: [Row]) -> Table {
    let measures = Measure.cost.filter { measure in rows.contains { $0.spread(measure) != nil } }
    let own = rows.map { row in
      Line(
        cells: label(row, head)
          + measures.map { measure in (row.spread(measure)?.mean).text(measure.digits) })
    }
    let costs = Paper.costs(bench: head.bench, pictures: head.pictures)
    let quoted = costs.map { cost in
      let values: [Score.CodingKeys: Double?] = [
        .seconds: cost.seconds[head.scale], .megabytes: cost.gigabytes[head.scale].map { $0 * 1000 },
      ]
      return Line(
        cells: ["paper: \(cost.method) (Table 3)", "-"]
          + measures.map { (values[$0.key] ?? nil).text($0.digits) },
        isQuoted: true)
    }
    return Table(
      title: "Cost", header: ["method", "steps"] + measures.map(\.name), rows: own + quoted,
      note:
        "Means of one picture: finding its kernel on one core, most memory resident meanwhile; SR is the enlarging."
        + (!costs.isEmpty ? " The paper's are of one 1356x2040 picture, with a GPU." : ""))
  }

  /// The paper's Table 5.
  static func correlation(_ head: Report.Head, _ correlations: [Correlation]) -> Table {
    let own = correlations.map {
      Line(cells: [$0.methods, $0.metric, $0.pearson.text(3), $0.spearman.text(3), "\($0.points)"])
    }
    let relations = head.isWhole ? Paper.relations(bench: head.bench, pictures: head.pictures) : []
    let quoted = relations.map {
      Line(
        cells: [
          "paper: MetaKernelGAN & \($0.other) (Table 5)", $0.metric, $0.pearson.text(3), $0.spearman.text(3),
          "-",
        ], isQuoted: true)
    }
    return Table(
      title: "Do better kernels give better pictures?",
      header: ["methods", "kernel metric", "Pearson", "Spearman", "points"], rows: own + quoted,
      note: "Gain in the kernel metric with gain in image PSNR, picture by picture; 1 is a perfect relation.",
      wordColumns: 2)
  }

  private static func text(_ row: Row, _ measure: Measure) -> String {
    row.spread(measure)?.text(digits: measure.digits) ?? "-"
  }

  /// A method of which something could not be measured says so.
  private static func label(_ row: Row, _ head: Report.Head) -> [String] {
    let wanted = head.pictures.count * (row.isEstimated ? head.runs : 1)
    let gap = row.scores.count < wanted ? " (\(row.scores.count) of \(wanted) measured)" : ""
    return [row.label + gap, row.steps.map(String.init) ?? "-"]
  }
}
