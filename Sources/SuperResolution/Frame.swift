import Imaging

/// The size that a picture is enlarged at. The data step takes pictures as repeating in both directions and transforms
/// them at their enlarged size; where a side of that has a prime factor above 7, some rows or columns are added at the
/// bottom or right, since Fourier transforms of such sizes are several times slower.
struct Frame: Equatable {
  let width: Int, height: Int

  init(width: Int, height: Int, scale: Int) {
    self.width = Self.good(width, scale)
    self.height = Self.good(height, scale)
  }

  /// `side`, or the next number whose `scale`-fold is quick to transform.
  static func good(_ side: Int, _ scale: Int) -> Int {
    var candidate = side
    while !isSmooth(candidate * scale) { candidate += 1 }
    return candidate
  }

  private static func isSmooth(_ number: Int) -> Bool {
    var rest = number
    for prime in [2, 3, 5, 7] { while rest % prime == 0 { rest /= prime } }
    return rest == 1
  }

  /// The picture in the frame. What is added leads from the last row or column over to the first, in equal steps, so
  /// that the repeated picture has no edge there.
  func planes(of picture: Picture) -> Planes {
    let planes = Planes(width: width, height: height)
    let rows = Overlap(side: picture.height, framed: height)
    let columns = Overlap(side: picture.width, framed: width)
    for channel in 0..<3 {
      let plane = planes.plane(channel)
      for row in 0..<picture.height {
        for column in 0..<width {
          let (a, b, share) = columns[column]
          plane[row * width + column] = Float(
            (1 - share) * picture[row, a, channel] + share * picture[row, b, channel])
        }
      }
      for row in picture.height..<height {
        let (a, b, share) = rows[row]
        for column in 0..<width {
          plane[row * width + column] =
            Float(1 - share) * plane[a * width + column] + Float(share) * plane[b * width + column]
        }
      }
    }
    return planes
  }

  /// Where a framed position takes its value from: `1 - share` of position `a` and `share` of position `b`.
  private struct Overlap {
    let side: Int, framed: Int

    subscript(position: Int) -> (a: Int, b: Int, share: Double) {
      if position < side { return (position, position, 0) }
      return (side - 1, 0, Double(position - side + 1) / Double(framed - side + 1))
    }
  }
}
