import Imaging

/// How far the network's result is trusted in each part of a picture: judged by the given picture alone, in parts of about
/// 192x192 pixels, and interpolated between their centres so that no part shows an edge.
struct TrustMap: Sendable {
  /// The side of a part; smaller ones hold too few flat blocks to judge noise by.
  private static let side = 192

  private let rows: Axis
  private let columns: Axis
  /// (rows, columns) of parts, 0 to 1.
  private let values: [Double]
  /// The least trusted part's sentence.
  let note: String?

  /// Whether every part is trusted entirely.
  var isFull: Bool { values.allSatisfy { $0 >= 1 } }
  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// - Parameter check: called before each part; what it throws ends the work.
  init<Stop: Error>(of picture: Picture, check: () throws(Stop) -> Void) throws(Stop) {
    (rows, columns) = (Axis(picture.height), Axis(picture.width))
    let (white, wasJPEG) = (picture.noiseLevel(), picture.jpegTrace != nil)
    // Without memory for a transform, what a screen does to the floor must tell.
    let screen = try? PrintScreen()
    var judged: [EnlargingNoise] = []
    for row in rows.parts {
      for column in columns.parts {
        try check()
        judged.append(
          EnlargingNoise(
            white: white, spectrum: picture.noiseSpectrum(rows: row, columns: column), wasJPEG: wasJPEG,
            screen: screen?.certainty(in: picture, rows: row, columns: column) ?? 0))
      }
    }
    values = judged.map(\.trust)
    note = judged.min { $0.trust < $1.trust }?.note
  }

  /// Where columns of a picture `scale` times as large lie between the parts.
  func columnPlaces(_ range: Range<Int>, scale: Int) -> [Place] {
    range.map { columns.place(Double($0) / Double(scale)) }
  }

  /// Bilinear between the parts' centres, constant beyond the outermost.
  /// - Parameter row: in the given picture's pixels.
  func values(row: Double, at places: [Place]) -> [Double] {
    let (count, y) = (columns.parts.count, rows.place(row))
    let line = (0..<count).map { part in
      let (above, below) = (values[y.first * count + part], values[y.second * count + part])
      return above + y.share * (below - above)
    }
    return places.map { line[$0.first] + $0.share * (line[$0.second] - line[$0.first]) }
  }

  /// Between the centres of two parts, and how near it is to the second.
  struct Place {
    let first: Int, second: Int
    let share: Double
  }

  /// One side cut into equal parts.
  private struct Axis {
    let parts: [Range<Int>]
    private let length: Double

    init(_ side: Int) {
      let count = max(1, (side + TrustMap.side / 2) / TrustMap.side)
      parts = (0..<count).map { side * $0 / count..<side * ($0 + 1) / count }
      length = Double(side) / Double(count)
    }

    /// The two parts whose centres lie around a position.
    func place(_ position: Double) -> Place {
      let inParts = min(max((position + 0.5) / length - 0.5, 0), Double(parts.count - 1))
      let first = Int(inParts)
      return Place(first: first, second: min(first + 1, parts.count - 1), share: inParts - Double(first))
    }
  }
}
