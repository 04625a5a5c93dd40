import Imaging

/// From where in a picture crops are cut, and how often: the running sum of the gradient map's probability
/// over the even corners that crops can have, row by row, in units of 1 / (2^32 - 1).
///
/// Crops start on even rows and columns, so the four centres that lead to one corner are one entry: a quarter
/// of `CropSampler`'s table draws from the same distribution.
package enum CropTable {
  /// Even corners along a side that is at least as long as a crop; there `CropSampler` takes starts in
  /// 0 ..< length - `CropDraw.side`, or 0 alone.
  package static func corners(_ length: Int) -> Int { max(1, (length - CropDraw.side + 1) / 2) }

  /// How many entries the table of a picture has.
  package static func count(_ width: Int, _ height: Int) -> Int { corners(width) * corners(height) }

  /// (`corners(height)`, `corners(width)`), ascending, the last `UInt32.max`.
  package static func make(for picture: Picture) -> [UInt32] {
    let map = ProbabilityMap(of: picture, cropSize: CropDraw.side)
    let columns = corners(picture.width)
    var shares = [Double](repeating: 0, count: count(picture.width, picture.height))
    for row in 0..<2 * corners(picture.height) {
      for column in 0..<2 * columns {
        shares[row / 2 * columns + column / 2] += share(of: map, row: row, column: column)
      }
    }
    return cumulated(shares)
  }

  /// The probability of the crop whose corner is at (row, column) before it is made even.
  private static func share(of map: ProbabilityMap, row: Int, column: Int) -> Double {
    let (y, x) = (row + CropDraw.side / 2, column + CropDraw.side / 2)
    return y < map.height && x < map.width ? map.values[y * map.width + x] : 0
  }

  private static func cumulated(_ shares: [Double]) -> [UInt32] {
    let sum = shares.reduce(0, +)
    var running = 0.0
    return shares.map { share in
      running += share
      return UInt32((running / sum * Double(UInt32.max)).rounded())
    }
  }

  /// The first entry that exceeds `target`, in 0 ..< `UInt32.max`.
  static func entry(exceeding target: UInt32, in table: UnsafeBufferPointer<UInt32>) -> Int {
    var low = 0
    var high = table.count - 1
    while low < high {
      let middle = (low + high) / 2
      if table[middle] > target { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
