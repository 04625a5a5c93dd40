/// Kernel PSNR against adaptation steps, drawn as SVG that follows the page's colours.
struct Curve: Sendable {
  struct Line: Sendable {
    let label: String
    let points: [(steps: Int, spread: Spread)]
  }

  let lines: [Line]

  /// Nil where no method was measured at two numbers of steps.
  init?(_ rows: [Row]) {
    let estimated = rows.filter { $0.isEstimated && $0.hasKernels }
    var labels: [String] = []
    for row in estimated where !labels.contains(row.label) { labels.append(row.label) }
    lines = labels.map { label in
      let own = estimated.filter { $0.label == label }.sorted { ($0.steps ?? 0) < ($1.steps ?? 0) }
      return Line(
        label: label,
        points: own.compactMap { row in
          guard let steps = row.steps, let spread = row.spread(.kernelPSNR), spread.mean.isFinite else {
            return nil
          }
          return (steps, spread)
        })
    }.filter { $0.points.count > 1 }
    if lines.isEmpty { return nil }
  }

  private static let width = 720.0
  private static let height = 300.0
  private static let left = 52.0
  private static let right = 14.0
  private static let top = 14.0
  private static let bottom = 44.0

  var svg: String {
    let scale = Scale(lines)
    let legend = lines.enumerated().map { index, line in
      "<li class=\"c\(index % 6)\"><svg viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path d=\"M0 4H28\"/></svg>\(line.label.escaped)</li>"
    }
    return """
      <h3>Convergence</h3>
      <figure>
      <svg class="curve" viewBox="0 0 \(Self.width.text(0)) \(Self.height.text(0))" role="img" aria-label="Kernel PSNR \
      against adaptation steps; the figures are in the table above">
      \(axes(scale))
      \(lines.enumerated().map { draw($0.element, number: $0.offset, on: scale) }.joined(separator: "\n"))
      </svg>
      <ul class="legend">\(legend.joined())</ul>
      <figcaption>Kernel PSNR (dB) against adaptation steps; bars: standard deviation over runs.</figcaption>
      </figure>
      """
  }

  private func axes(_ scale: Scale) -> String {
    let (right, bottom) = (Self.width - Self.right, Self.height - Self.bottom)
    let rows = scale.values.ticks.map { value in
      let y = scale.y(value).text(1)
      return "<path class=\"grid\" d=\"M\(Self.left) \(y)H\(right)\"/>"
        + "<text x=\"\(Self.left - 8)\" y=\"\(y)\" dy=\".35em\" text-anchor=\"end\">\(value.text(scale.values.digits))</text>"
    }
    let columns = scale.steps.ticks.map { value in
      "<text x=\"\(scale.x(value).text(1))\" y=\"\(bottom + 18)\" text-anchor=\"middle\">\(value.text(0))</text>"
    }
    let middle = (Self.left + right) / 2
    return (rows + columns).joined(separator: "\n")
      + "<text x=\"\(middle)\" y=\"\(Self.height - 6)\" text-anchor=\"middle\">adaptation steps</text>"
  }

  private func draw(_ line: Line, number index: Int, on scale: Scale) -> String {
    let places = line.points.map { (x: scale.x(Double($0.steps)), $0.spread) }
    let path = places.map { "\($0.x.text(1)) \(scale.y($0.1.mean).text(1))" }.joined(separator: "L")
    let marks = places.map { x, spread in
      let deviation = spread.deviation ?? 0
      let (low, high) = (scale.y(spread.mean - deviation).text(1), scale.y(spread.mean + deviation).text(1))
      return "<path class=\"bar\" d=\"M\(x.text(1)) \(low)V\(high)\"/>"
        + "<circle cx=\"\(x.text(1))\" cy=\"\(scale.y(spread.mean).text(1))\" r=\"3.5\"/>"
    }
    return "<g class=\"c\(index % 6)\"><path d=\"M\(path)\"/>\(marks.joined())</g>"
  }

  /// From steps and decibels to the drawing's units.
  private struct Scale {
    let steps, values: Ticks

    init(_ lines: [Line]) {
      let points = lines.flatMap(\.points)
      steps = Ticks(points.map { Double($0.steps) })
      values = Ticks(
        points.flatMap {
          [$0.spread.mean - ($0.spread.deviation ?? 0), $0.spread.mean + ($0.spread.deviation ?? 0)]
        })
    }

    func x(_ value: Double) -> Double {
      Curve.left + steps.share(value) * (Curve.width - Curve.left - Curve.right)
    }

    func y(_ value: Double) -> Double {
      Curve.height - Curve.bottom - values.share(value) * (Curve.height - Curve.top - Curve.bottom)
    }
  }
}

/// Round numbers that enclose some values: 1, 2 or 5 times a power of ten apart.
struct Ticks: Sendable {
  let ticks: [Double]
  /// After the point.
  let digits: Int

  init(_ values: [Double]) {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let rough = max(high - low, 1e-9) / 5
    var power = 1.0
    var digits = 0
    while power > rough {
      power /= 10
      digits += 1
    }
    while power * 10 <= rough { power *= 10 }
    let step = power * (rough > 5 * power ? 10 : rough > 2 * power ? 5 : rough > power ? 2 : 1)
    let first = (low / step).rounded(.down)
    let last = max((high / step).rounded(.up), first + 1)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    self.digits = step >= 1 ? 0 : digits
  }

  /// Where a value lies between the first and the last.
  func share(_ value: Double) -> Double {
    guard let first = ticks.first, let last = ticks.last else { return 0 }
    return (value - first) / (last - first)
  }
}
