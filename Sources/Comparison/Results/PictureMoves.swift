import Imaging

/// By how much enlarged pictures lie beside the originals, which costs several decibels and cannot be seen.
struct PictureMoves {
  private var moves: [(x: Double, y: Double)] = []

  /// Side of the middle part that is compared, in pixels.
  private static let side = 256
  /// The least mean move that is told, in pixels.
  private static let least = 0.3

  /// Pictures too small to be compared are not counted.
  mutating func note(
    _ path: String, _ original: String, scale: Int, region: PicturePart?
  ) throws(PictureError) {
    let own = try Picture.read(path).cropped(toMultipleOf: scale)
    let whole = try Picture.read(original).cropped(toMultipleOf: scale)
    let truth = own.size == whole.size ? whole : whole.region(region?.enlarged(by: scale))
    guard own.size == truth.size else { return }
    if let move = try? own.middle(Self.side).displacement(from: truth.middle(Self.side)) {
      moves.append(move)
    }
  }

  var notes: [String] {
    let count = Double(max(moves.count, 1))
    let (x, y) = (moves.reduce(0) { $0 + $1.x } / count, moves.reduce(0) { $0 + $1.y } / count)
    guard max(abs(x), abs(y)) >= Self.least else { return [] }
    return [
      "the enlarged pictures lie \(x.text(1)) pixels right of and \(y.text(1)) pixels below the originals on average "
        + "(\(moves.count) compared); they are measured as they are"
    ]
  }
}

extension Picture {
  /// The middle square, or what there is of it.
  fileprivate func middle(_ side: Int) -> Picture {
    let (width, height) = (min(side, self.width), min(side, self.height))
    return cropped(
      top: (self.height - height) / 2, left: (self.width - width) / 2, width: width, height: height)
  }
}
