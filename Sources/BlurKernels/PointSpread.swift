import Numerics

/// Light spread evenly over many points: a blur's shape before there are pixels.
struct PointSpread {
  /// In pixels, about any origin.
  private let points: [SIMD2<Double>]

  /// Where the light falls on 11x11 pixels, its centre of mass moved to (centre, centre), each point shared by the four
  /// pixels around it in proportion to nearness. That anti-aliases, and keeps sum and centre exactly; each variance grows by
  /// at most 1/4, on the mean by 1/6.
  /// - Precondition: no point is further than 4.5 from the centre of mass; the centre is from 4.5 to 5.
  func kernel(centre: Double) -> BlurKernel {
    var sum = SIMD2<Double>.zero
    for point in points { sum += point }
    let offset = SIMD2(repeating: centre) - sum / Double(points.count)
    let share = 1 / Double(points.count)
    var values = [Double](repeating: 0, count: 121)
    for point in points {
      let place = point + offset
      let (column, row) = (Int(place.x), Int(place.y))
      let (right, low) = (place.x - Double(column), place.y - Double(row))
      values[11 * row + column] += share * (1 - right) * (1 - low)
      values[11 * row + column + 1] += share * right * (1 - low)
      values[11 * row + column + 11] += share * (1 - right) * low
      values[11 * row + column + 12] += share * right * low
    }
    return BlurKernel(side: 11, values: values)
  }

  // MARK: shapes

  static func disk(radius: Double) -> PointSpread {
    PointSpread(points: square.filter { ($0 * $0).sum() <= 1 }.map { radius * $0 })
  }

  /// - Precondition: the covariance is positive definite, and no variance more than 4.84.
  static func ellipse(_ covariance: BlurKernel.Covariance) -> PointSpread {
    // Evenly over a disk of radius 1 each variance is 1/4; L of the covariance L L^T.
    let first = 2 * covariance.xx.squareRoot()
    let below = 4 * covariance.xy / first
    let last = (4 * covariance.yy - below * below).squareRoot()
    return PointSpread(
      points: square.filter { ($0 * $0).sum() <= 1 }.map { place in
        SIMD2(first * place.x, below * place.x + last * place.y)
      })
  }

  /// A rectangle with variances from 0.35 to 3.2, so that no corner is further than 4.4 from its centre.
  static func box(_ random: inout Philox, size: Double) -> PointSpread {
    let halfWidth = size * (3 * random.uniform(in: 0.35..<3.2)).squareRoot()
    let halfHeight = size * (3 * random.uniform(in: 0.35..<3.2)).squareRoot()
    let (sine, cosine) = Elementary.sineAndCosine(random.uniform(in: 0..<Double.pi))
    let (along, across) = (SIMD2(cosine, sine) * halfWidth, SIMD2(-sine, cosine) * halfHeight)
    return PointSpread(points: square.map { $0.x * along + $0.y * across })
  }

  /// A path at constant speed. No point of a path is further than half its length from its centre of mass.
  static func motion(_ random: inout Philox, size: Double) -> PointSpread {
    let step = size * random.uniform(in: 2..<8.9) / Double(pathSteps)
    var heading = random.uniform(in: 0..<2 * Double.pi)
    let isCurved = random.uniform() < 0.5
    let bend = isCurved ? random.uniform(in: -Double.pi..<Double.pi) / Double(pathSteps) : 0
    var place = SIMD2<Double>.zero
    let points = (0..<pathSteps).map { _ in
      let (sine, cosine) = Elementary.sineAndCosine(heading)
      place += step * SIMD2(cosine, sine)
      if isCurved { heading += bend + random.uniform(in: -waver..<waver) }
      return place
    }
    return PointSpread(points: points)
  }

  /// Fourteen points a pixel on the longest path.
  private static let pathSteps = 128
  /// Radians a step at most, which add up to 1.3 over a path (one standard deviation).
  private static let waver = 0.2

  /// Points evenly over -1 ... 1 in both directions, less than a quarter of a pixel apart in the largest shape.
  private static let square: [SIMD2<Double>] = (0..<40 * 40).map { index in
    let (column, row) = (Double(index % 40), Double(index / 40))
    return SIMD2(column - 19.5, row - 19.5) / 20
  }
}
