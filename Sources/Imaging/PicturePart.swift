/// A rectangle of a picture.
public struct PicturePart: Sendable, Hashable, Codable {
  /// Pixels; sides are at least 1.
  public let top, left, width, height: Int

  public init(top: Int, left: Int, width: Int, height: Int) {
    (self.top, self.left, self.width, self.height) = (top, left, width, height)
  }

  /// The central part of a picture of that size, at most `side` pixels wide and high. Where the middle lies between two
  /// pixels, the part begins at the upper or left one.
  public init(centreOf size: PictureSize, atMost side: Int) {
    (width, height) = (min(size.width, side), min(size.height, side))
    (top, left) = ((size.height - height) / 2, (size.width - width) / 2)
  }

  public var size: PictureSize { PictureSize(width: width, height: height) }

  /// The same part of a picture that is `scale` times as large.
  public func enlarged(by scale: Int) -> PicturePart {
    PicturePart(top: scale * top, left: scale * left, width: scale * width, height: scale * height)
  }
}
