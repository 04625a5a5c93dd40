import Imaging

/// How far the network's result is trusted in each part of a picture: judged by the given picture alone, in parts of about
/// 192x192 pixels, and interpolated between their centres so that no part shows an edge.
struct TrustMap {
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

  init(of picture: Picture) {
    (rows, columns) = (Axis(picture.height), Axis(picture.width))
    let (white, wasJPEG) = (picture.noiseLevel(), picture.jpegTrace != nil)
    // Without memory for a transform, what a screen does to the floor must tell.
    let screen = try? PrintScreen()
    var judged: [EnlargingNoise] = []
    for row in rows.parts {
      for column in columns.parts {
        judged.append(
          EnlargingNoise(
            white: white, spectrum: picture.noiseSpectrum(rows: row, columns: column), wasJPEG: wasJPEG,
            screen: screen?.certainty(in: picture, rows: row, columns: column) ?? 0))
      }
    }
    values = judged.map(\.trust)
    note = judged.min { $0.trust < $1.trust }?.note
  }

  /// Bilinear between the parts' centres, constant beyond the outermost.
  /// - Parameters: a place in the given picture's pixels.
  subscript(row: Double, column: Double) -> Double {
    let (y, x) = (rows.place(row), columns.place(column))
    func value(_ i: Int, _ j: Int) -> Double { values[i * columns.parts.count + j] }
    let above = value(y.first, x.first) + x.share * (value(y.first, x.second) - value(y.first, x.first))
    let below = value(y.second, x.first) + x.share * (value(y.second, x.second) - value(y.second, x.first))
    return above + y.share * (below - above)
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

    /// The two parts whose centres lie around a position, and how near it is to the second.
    func place(_ position: Double) -> (first: Int, second: Int, share: Double) {
      let inParts = min(max((position + 0.5) / length - 0.5, 0), Double(parts.count - 1))
      let first = Int(inParts)
      return (first, min(first + 1, parts.count - 1), inParts - Double(first))
    }
  }
}
