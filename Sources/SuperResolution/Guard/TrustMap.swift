import Imaging

/// How far the network's result is trusted in each part of a picture: judged by the given picture alone, in parts of about
/// 192x192 pixels, and interpolated between their centres so that no part shows an edge.
struct TrustMap: Sendable {
  private let parts: PictureParts
  /// (rows, columns) of parts, 0 to 1.
  private let values: [Double]

  /// Whether every part is trusted entirely.
  var isFull: Bool { values.allSatisfy { $0 >= 1 } }
  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// - Parameter values: as many as there are parts, in their order.
  init(_ parts: PictureParts, values: [Double]) { (self.parts, self.values) = (parts, values) }

  /// Where columns of a picture `scale` times as large lie between the parts.
  func columnPlaces(_ range: Range<Int>, scale: Int) -> [PictureParts.Place] {
    range.map { parts.columns.place(Double($0) / Double(scale)) }
  }

  /// Bilinear between the parts' centres, constant beyond the outermost.
  /// - Parameter row: in the given picture's pixels.
  func values(row: Double, at places: [PictureParts.Place]) -> [Double] {
    let (count, y) = (parts.columns.parts.count, parts.rows.place(row))
    let line = (0..<count).map { part in
      let (above, below) = (values[y.first * count + part], values[y.second * count + part])
      return above + y.share * (below - above)
    }
    return places.map { line[$0.first] + $0.share * (line[$0.second] - line[$0.first]) }
  }
}
