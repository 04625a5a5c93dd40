import Imaging

/// The square of a picture where neighbours differ most, of those on a grid of half its side; the whole of one that is no
/// larger.
struct BusiestPart {
  let part: Picture

  /// - Parameter check: called before each square; what it throws ends the work.
  init<Stop: Error>(
    of picture: Picture, side: Int, check: () throws(Stop) -> Void
  ) throws(Stop) {
    let (height, width) = (min(picture.height, side), min(picture.width, side))
    var best = (top: 0, left: 0, difference: -1.0)
    for top in Self.starts(picture.height, height) {
      for left in Self.starts(picture.width, width) {
        try check()
        let difference = Self.difference(
          in: picture, rows: top..<top + height, columns: left..<left + width)
        if difference > best.difference { best = (top, left, difference) }
      }
    }
    part = picture.part(
      rows: best.top..<best.top + height, columns: best.left..<best.left + width)
  }

  private static func starts(_ whole: Int, _ side: Int) -> [Int] {
    Array(stride(from: 0, to: whole - side, by: max(side / 2, 1))) + [whole - side]
  }

  /// Of greens a pixel apart, of a quarter of the pixels.
  private static func difference(
    in picture: Picture, rows: Range<Int>, columns: Range<Int>
  ) -> Double {
    var sum = 0.0
    for y in stride(from: rows.lowerBound, to: rows.upperBound - 1, by: 2) {
      for x in stride(from: columns.lowerBound, to: columns.upperBound - 1, by: 2) {
        let here = picture[y, x, 1]
        sum += abs(picture[y, x + 1, 1] - here) + abs(picture[y + 1, x, 1] - here)
      }
    }
    return sum
  }
}
