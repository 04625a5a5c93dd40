import Imaging

/// The picture as the data step sees it, which takes every picture as repeating in both directions: as it is, or with
/// rows and columns added at the bottom and right that lead from the last over to the first in equal steps, so that the
/// repeated picture has no edge.
///
/// What is added is at least `margin`, and as much more as makes the enlarged sides' prime factors 7 at most: the
/// Fourier transforms of other sizes take three to seven times as long. (That slows the whole down by a quarter at
/// most, so a picture that does repeat is left as it is.)
struct Frame: Equatable {
  let width: Int, height: Int

  /// Pixels of the picture. Set14's interiors, blurred with their surroundings and enlarged without, have 8 dB more in their
  /// outermost two pixels than without what is added; twice the margin adds 0.2 dB.
  private static let margin = 8

  init(width: Int, height: Int, scale: Int, border: SuperResolver.Border) {
    switch border {
    case .repeating: (self.width, self.height) = (width, height)
    case .continued: (self.width, self.height) = (Self.good(width, scale), Self.good(height, scale))
    }
  }

  private static func good(_ side: Int, _ scale: Int) -> Int {
    var candidate = side + margin
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
