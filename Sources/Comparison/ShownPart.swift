import Imaging

/// The square of a picture that pages show: where edges are densest, placed so that it covers whole pixels of the
/// low-resolution picture.
struct ShownPart {
  let top, left, width, height: Int

  static let side = 96

  init(of original: Picture, scale: Int) {
    let shortest = min(original.width, original.height)
    let side = min(Self.side, shortest - shortest % (2 * scale))
    guard side >= ProbabilityMap.smallestCropSize else {
      (top, left, width, height) = (0, 0, original.width, original.height)
      return
    }
    let values = ProbabilityMap(of: original, cropSize: side).values
    let best = values.indices.max { values[$0] < values[$1] } ?? 0
    func start(_ centre: Int, _ length: Int) -> Int {
      let start = min(max(centre - side / 2, 0), length - side)
      return start - start % scale
    }
    top = start(best / original.width, original.height)
    left = start(best % original.width, original.width)
    (width, height) = (side, side)
  }

  /// The same part of the low-resolution picture.
  func reduced(by scale: Int) -> ShownPart {
    ShownPart(top: top / scale, left: left / scale, width: width / scale, height: height / scale)
  }

  private init(top: Int, left: Int, width: Int, height: Int) {
    (self.top, self.left, self.width, self.height) = (top, left, width, height)
  }
}

extension Picture {
  func part(_ part: ShownPart) -> Picture {
    cropped(top: part.top, left: part.left, width: part.width, height: part.height)
  }

  /// A rectangle of the picture, in 8 bits.
  func cropped(top: Int = 0, left: Int = 0, width: Int, height: Int) -> Picture {
    precondition(top >= 0 && left >= 0 && top + height <= self.height && left + width <= self.width)
    let samples = rgb8
    let starts = (top..<top + height).map { 3 * ($0 * self.width + left) }
    return Picture(width: width, height: height, rgb: starts.flatMap { samples[$0..<$0 + 3 * width] })
  }
}
