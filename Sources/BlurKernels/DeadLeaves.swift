/// Dead leaves: pictures of random discs that hide one another, a model of photographs that shares their
/// scale-free edges and power spectrum (Lee, Mumford and Huang, "Occlusion models for natural images", IJCV
/// 2001). They stand in for photographs where none are at hand.
public enum DeadLeaves {
  /// Draws a picture without seams: what leaves it on one side comes in on the other.
  ///
  /// Radii are distributed as r^-3 from two pixels to a third of the longer side, edges are anti-aliased, every
  /// leaf has a colour, a shading and a grain of its own, and no background shows. The same random numbers give
  /// the same bytes on every machine. A picture of 512x512 takes a few dozen milliseconds.
  /// - Parameter random: the source of all choices; the number of values taken from it varies.
  /// - Returns: (height, width, 3), RGB of 8 bits.
  /// - Precondition: both sides are positive.
  public static func draw(
    width: Int, height: Int, using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    var canvas = LeafCanvas(width: width, height: height)
    let largest = max(2 * Leaf.smallestRadius, Float(max(width, height)) / 3)
    // From the front backwards, until all but one pixel in a hundred is hidden.
    for _ in 0..<width * height where canvas.openPixels * 100 > width * height {
      let centre = (
        x: Int(random.unit() * Float(width)) % width, y: Int(random.unit() * Float(height)) % height
      )
      canvas.lay(Leaf(centre: centre, largestRadius: largest, using: &random))
    }
    // Every gap left gets a leaf of its own: chance alone would need three times as many leaves.
    for pixel in 0..<width * height where canvas.isOpen(pixel) {
      let centre = (x: pixel % width, y: pixel / width)
      canvas.lay(Leaf(centre: centre, largestRadius: largest, using: &random))
    }
    return canvas.bytes()
  }
}

/// The picture while leaves are laid under those already there.
private struct LeafCanvas {
  private let width, height: Int
  /// (height, width): red, green, blue gathered so far, and the share of the pixel that is still uncovered.
  private var pixels: [SIMD4<Float>]
  private(set) var openPixels: Int
  /// A pixel with less than this uncovered, half a level of 255, counts as full.
  private static let full: Float = 1 / 512

  init(width: Int, height: Int) {
    (self.width, self.height, openPixels) = (width, height, width * height)
    pixels = Array(repeating: SIMD4(0, 0, 0, 1), count: width * height)
  }

  func isOpen(_ pixel: Int) -> Bool { pixels[pixel].w >= Self.full }

  mutating func lay(_ leaf: Leaf) {
    let reach = Int(leaf.radius + 0.5)
    for dy in -reach...reach {
      let row = wrapped(leaf.centre.y + dy, height) * width
      let rest = leaf.outerSquare - Float(dy * dy)
      guard rest > 0 else { continue }
      let halfWidth = Int(rest.squareRoot())
      var column = wrapped(leaf.centre.x - halfWidth, width)
      for dx in -halfWidth...halfWidth {
        if isOpen(row + column) { blend(leaf, dx: dx, dy: dy, into: row + column) }
        column += 1
        if column == width { column = 0 }
      }
    }
  }

  private mutating func blend(_ leaf: Leaf, dx: Int, dy: Int, into index: Int) {
    let open = pixels[index].w
    let part = open * leaf.coverage(dx, dy)
    var pixel = pixels[index] + part * SIMD4(leaf.colour(dx, dy), 0)
    pixel.w = open - part
    pixels[index] = pixel
    if pixel.w < Self.full { openPixels -= 1 }
  }

  func bytes() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * pixels.count)
    for pixel in pixels {
      let levels = (pixel * (255 / (1 - pixel.w))).clamped(
        lowerBound: .zero, upperBound: SIMD4(repeating: 255))
      for channel in 0..<3 { bytes.append(UInt8(levels[channel].rounded())) }
    }
    return bytes
  }
}
