/// One disc with its place, colour, shading and grain.
struct Leaf {
  let centre: (x: Int, y: Int)
  /// In pixels.
  let radius: Float
  /// Squares of the radii where the anti-aliased rim begins and ends.
  let innerSquare, outerSquare: Float
  private let base: SIMD3<Float>
  /// Change of brightness per pixel to the right and downwards.
  private let slope: SIMD2<Float>
  private let grain: Float
  private let cellsPerPixel: Float
  private let seed: UInt32

  init(centre: (x: Int, y: Int), largestRadius: Float, using random: inout some RandomNumberGenerator) {
    self.centre = centre
    radius = Self.radius(largest: largestRadius, quantile: random.unit())
    innerSquare = (radius - 0.5) * (radius - 0.5)
    outerSquare = (radius + 0.5) * (radius + 0.5)
    base = Self.colour(using: &random)
    slope = SIMD2(random.unit() - 0.5, random.unit() - 0.5) * (0.5 / radius)
    grain = 0.25 * random.unit() * random.unit()
    cellsPerPixel = 1 / (1.5 + 10 * random.unit() * random.unit())
    seed = UInt32(truncatingIfNeeded: random.next() >> 32)
  }

  /// The smallest leaves: finer detail comes from the grain, and from what larger leaves let show.
  static let smallestRadius: Float = 2

  /// The radius below which the share `quantile` lies, for a density proportional to r^-3.
  private static func radius(largest: Float, quantile: Float) -> Float {
    let ratio = smallestRadius / largest
    return smallestRadius / (1 - quantile * (1 - ratio * ratio)).squareRoot()
  }

  /// Mostly dim and greyish, sometimes bright or vivid, as in photographs: warm against cold varies more than
  /// green against magenta.
  private static func colour(using random: inout some RandomNumberGenerator) -> SIMD3<Float> {
    let level = random.unit()
    let light = 0.04 + 0.92 * level * (0.4 + 0.6 * level)
    let warm = 0.9 * (random.unit() + random.unit() - 1) * random.unit()
    let green = 0.4 * (random.unit() + random.unit() - 1) * random.unit()
    return light * SIMD3(1 + warm - green / 2, 1 + green, 1 - warm - green / 2)
  }

  /// The share of the pixel at (dx, dy) from the centre that the disc covers, falling from 1 to 0 over the
  /// pixel's width at the rim.
  func coverage(_ dx: Int, _ dy: Int) -> Float {
    let square = Float(dx * dx + dy * dy)
    if square <= innerSquare { return 1 }
    return min(1, max(0, radius + 0.5 - square.squareRoot()))
  }

  /// RGB around 0 ... 1 at (dx, dy) from the centre.
  func colour(_ dx: Int, _ dy: Int) -> SIMD3<Float> {
    let shade = slope.x * Float(dx) + slope.y * Float(dy)
    return base * (1 + shade + grain * noise(dx, dy))
  }

  /// Smooth noise in -1 ... 1: hashed values on a square grid, blended between its points.
  private func noise(_ dx: Int, _ dy: Int) -> Float {
    let (x, y) = (Float(dx) * cellsPerPixel, Float(dy) * cellsPerPixel)
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int32(left), Int32(top))
    let (across, down) = (Self.smooth(x - left), Self.smooth(y - top))
    let upper = hashed(column, row) * (1 - across) + hashed(column + 1, row) * across
    let lower = hashed(column, row + 1) * (1 - across) + hashed(column + 1, row + 1) * across
    return upper * (1 - down) + lower * down
  }

  private static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

  /// A number in -1 ..< 1 that depends on the leaf and the grid point alone.
  private func hashed(_ column: Int32, _ row: Int32) -> Float {
    var bits = seed &+ UInt32(bitPattern: column) &* 0x9E37_79B1 &+ UInt32(bitPattern: row) &* 0x85EB_CA77
    bits = (bits ^ bits >> 15) &* 0x2C1B_3C6D
    bits = (bits ^ bits >> 12) &* 0x297A_2D39
    return Float((bits ^ bits >> 15) >> 8) * 0x1p-23 - 1
  }
}

extension RandomNumberGenerator {
  /// Uniform in 0 ..< 1, of 24 bits; the standard library's own way to get there may change.
  mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
