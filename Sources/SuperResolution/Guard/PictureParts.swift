import Imaging

/// A picture cut into parts of about 192x192 pixels, by which it is judged.
struct PictureParts {
  /// The side of a part; smaller ones hold too few flat blocks to judge noise by.
  private static let side = 192

  let rows, columns: Axis

  init(of picture: Picture) { (rows, columns) = (Axis(picture.height), Axis(picture.width)) }

  /// Row by row.
  func map<Result>(_ transform: (_ rows: Range<Int>, _ columns: Range<Int>) throws -> Result) rethrows
    -> [Result]
  {
    try rows.parts.flatMap { row in try columns.parts.map { try transform(row, $0) } }
  }

  /// Between the centres of two parts, and how near it is to the second.
  struct Place {
    let first: Int, second: Int
    let share: Double
  }

  /// One side cut into equal parts.
  struct Axis {
    let parts: [Range<Int>]
    private let length: Double

    init(_ side: Int) {
      let count = max(1, (side + PictureParts.side / 2) / PictureParts.side)
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
