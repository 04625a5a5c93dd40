extension Picture {
  /// By how many pixels this picture is moved against another of the same size, right and down, fractions included: where
  /// the mean squared difference of their luma is least, to a few hundredths of a pixel by a paraboloid through
  /// the best whole move and its neighbours.
  /// - Parameter reach: the largest move looked for; as much and one more is left out at the borders.
  /// - Throws: `PictureError.differentSizes`, or `.tooSmall` where nothing is left inside the borders.
  public func displacement(from truth: Picture, reach: Int = 6) throws(PictureError) -> (x: Double, y: Double)
  {
    guard width == truth.width && height == truth.height else {
      throw .differentSizes(width: width, height: height, otherWidth: truth.width, otherHeight: truth.height)
    }
    let margin = reach + 1
    guard min(width, height) > 2 * margin else {
      throw .tooSmall(width: width, height: height, least: 2 * margin + 1)
    }
    let planes = (LumaPlane(of: self, border: 0), LumaPlane(of: truth, border: 0))
    func difference(_ x: Int, _ y: Int) -> Double {
      Self.squares(planes.0, planes.1, x: x, y: y, margin: margin)
    }
    let moves = (-reach...reach).flatMap { y in (-reach...reach).map { (x: $0, y: y) } }
    let differences = moves.map { difference($0.x, $0.y) }
    let best = differences.indices.min { differences[$0] < differences[$1] } ?? 0
    let (x, y) = moves[best]
    let fraction = Self.vertex { difference(x + $0, y + $1) }
    return (Double(x) + fraction.x, Double(y) + fraction.y)
  }

  /// Sum of squared differences inside the margin, `a` read `x` to the right and `y` below.
  private static func squares(
    _ a: LumaPlane, _ b: LumaPlane, x: Int, y: Int, margin: Int
  ) -> Double {
    var sum = 0.0
    for row in margin..<b.height - margin {
      for column in margin..<b.width - margin {
        let difference =
          a.values[(row + y) * a.width + column + x] - b.values[row * b.width + column]
        sum += difference * difference
      }
    }
    return sum
  }

  /// Where the paraboloid that has the slopes and curvatures of `value` around (0, 0) is least; (0, 0) if nowhere.
  private static func vertex(_ value: (Int, Int) -> Double) -> (x: Double, y: Double) {
    let middle = value(0, 0)
    let (left, right, above, below) = (value(-1, 0), value(1, 0), value(0, -1), value(0, 1))
    let (x, y) = ((right - left) / 2, (below - above) / 2)
    let (xx, yy) = (right - 2 * middle + left, below - 2 * middle + above)
    let xy = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / 4
    let determinant = xx * yy - xy * xy
    if determinant <= 0 || xx <= 0 { return (0, 0) }
    return ((xy * y - yy * x) / determinant, (xy * x - xx * y) / determinant)
  }
}
