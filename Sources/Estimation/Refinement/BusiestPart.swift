import Imaging

/// The square part of a picture in which neighbouring pixels differ most, among squares on a grid of half their side.
/// A picture that is no larger than the square is taken whole.
struct BusiestPart {
  let part: Picture

  /// - Parameters:
  ///   - side: of the square, in pixels.
  ///   - check: called before each square that is compared; what it throws ends the work.
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

  /// The sum of absolute differences of green samples to the right and lower neighbour, over a quarter of the pixels.
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
