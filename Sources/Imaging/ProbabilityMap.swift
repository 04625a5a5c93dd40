/// Where crops are worth taking: the probability of every pixel to be a crop's centre, high where edges
/// are dense (KernelGAN's gradient map).
///
/// Luma is computed in whole numbers, so the map is the same on every machine and values at the clipping
/// threshold tie exactly.
public struct ProbabilityMap: Sendable {
  /// Smaller pictures consist of the border alone in which gradients count as zero.
  public static let smallestCropSize = 2 * GradientMap.border

  public let width: Int
  public let height: Int
  /// The crop's side, in pixels.
  public let cropSize: Int
  /// (height, width), at least 0, with sum 1.
  public internal(set) var values: [Double]
  /// Whether all valid centres are equally likely, for want of gradients or of space.
  public private(set) var isUniform = false

  /// - Parameters:
  ///   - picture: At least `cropSize` on both sides (see `Picture.padded`).
  ///   - cropSize: Even, at least `smallestCropSize`.
  public init(of picture: Picture, cropSize: Int = 64) {
    self.init(of: picture, cropSize: cropSize, check: {})
  }

  /// As `init(of:cropSize:)`.
  /// - Parameter check: called before each row of the box sums and between the other passes; what it throws ends the work.
  public init<Stop: Error>(
    of picture: Picture, cropSize: Int, check: () throws(Stop) -> Void
  ) throws(Stop) {
    precondition(
      cropSize >= Self.smallestCropSize && cropSize % 2 == 0, "a crop of \(cropSize) pixels is odd or tiny")
    precondition(
      picture.width >= cropSize && picture.height >= cropSize,
      "a \(picture.width)x\(picture.height) picture has no crop of \(cropSize) pixels; pad it first")
    width = picture.width
    height = picture.height
    self.cropSize = cropSize
    values = try GradientMap.values(of: picture, check: check)
    try smooth(check)
    try check()
    normalise()
  }

  /// Rows, or columns, that may hold a centre: `cropSize / 2` from either border. A side of exactly
  /// `cropSize` has no such place, and its only crop's centre is taken.
  private func centres(_ side: Int) -> Range<Int> {
    cropSize / 2..<max(side - cropSize / 2, cropSize / 2 + 1)
  }

  /// Box sums of 5, then of half a crop; that they should be means cancels in `normalise`.
  private mutating func smooth<Stop: Error>(_ check: () throws(Stop) -> Void) throws(Stop) {
    let sizes = [GradientMap.smoothing, cropSize / 2]
    for size in sizes {
      try BoxSum.forward(&values, width: width, height: height, size: size, check: check)
    }
    // A forward window starts at its pixel; the centred one starts half its size before.
    keepCentres(shift: sizes.reduce(0) { $0 + $1 / 2 })
  }

  /// Moves the values down and right by `shift`, last ones first, and clears all that are no valid centre.
  private mutating func keepCentres(shift: Int) {
    let rows = centres(height)
    let columns = centres(width)
    let distance = shift * (width + 1)
    for row in (0..<height).reversed() {
      let start = row * width
      if rows.contains(row) {
        for index in (start + columns.lowerBound..<start + columns.upperBound).reversed() {
          values[index] = values[index - distance]
        }
        clear(start..<start + columns.lowerBound)
        clear(start + columns.upperBound..<start + width)
      } else {
        clear(start..<start + width)
      }
    }
  }

  private mutating func clear(_ range: Range<Int>) {
    for index in range { values[index] = 0 }
  }

  private mutating func normalise() {
    let sum = values.reduce(0, +)
    let isSpacious = width > cropSize && height > cropSize
    if sum > 0 && isSpacious {
      for index in values.indices { values[index] /= sum }
    } else {
      fillUniformly()
    }
  }

  private mutating func fillUniformly() {
    isUniform = true
    let rows = centres(height)
    let columns = centres(width)
    let share = 1 / Double(rows.count * columns.count)
    for row in rows {
      for column in columns { values[row * width + column] = share }
    }
  }
}
