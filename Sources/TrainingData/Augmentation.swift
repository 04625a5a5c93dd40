import Numerics

/// How a crop is turned, in this order: columns reversed, rows reversed, rows and columns exchanged.
public struct Augmentation: Sendable, Equatable {
  public var flipsColumns, flipsRows, transposes: Bool

  public init(flipsColumns: Bool, flipsRows: Bool, transposes: Bool) {
    (self.flipsColumns, self.flipsRows, self.transposes) = (flipsColumns, flipsRows, transposes)
  }

  /// Draws each with probability 1/2, by three numbers.
  public init(using random: inout Philox) {
    flipsColumns = random.below(2) == 1
    flipsRows = random.below(2) == 1
    transposes = random.below(2) == 1
  }

  /// Copies a square of RGB pixels, turned.
  /// - Parameters:
  ///   - source: (side, side, 3), its rows `rowBytes` apart.
  ///   - target: (side, side, 3), filled in the order of the source, whose rows are far apart, so that the
  ///     lines written to stay in the cache.
  package func copy(
    _ source: UnsafePointer<UInt8>, rowBytes: Int, side: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    // Where the source's neighbour below and to the right lie in the target, and its first pixel.
    var (down, right) = transposes ? (3, 3 * side) : (3 * side, 3)
    var first = 0
    if flipsColumns { (first, right) = (first + (side - 1) * right, -right) }
    if flipsRows { (first, down) = (first + (side - 1) * down, -down) }
    for row in 0..<side {
      var from = source + row * rowBytes
      var to = target + first + row * down
      for _ in 0..<side {
        (to[0], to[1], to[2]) = (from[0], from[1], from[2])
        from += 3
        to += right
      }
    }
  }
}
