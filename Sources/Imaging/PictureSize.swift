/// How large a picture is, and what it costs in memory: the one place that limits are computed from, before anything of
/// that size is made. All figures stay at `Int.max` where they would overflow.
public struct PictureSize: Sendable, Equatable {
  /// Pixels; at least 1.
  public let width, height: Int

  /// Sides that a picture is repeated to before its kernel is estimated.
  public static let leastEstimatedSide = 64

  public init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
  }

  public var pixels: Int { saturatingProduct(width, height) }

  /// The size of `Picture.padded(toAtLeast:)`.
  public func padded(toAtLeast side: Int = leastEstimatedSide) -> PictureSize {
    PictureSize(width: max(width, side), height: max(height, side))
  }

  /// The size of a picture enlarged by a scale of 1 or more.
  public func enlarged(by scale: Int) -> PictureSize {
    PictureSize(width: saturatingProduct(width, scale), height: saturatingProduct(height, scale))
  }

  /// Pixels of the largest picture that estimating a kernel makes of one of this size: a thin picture is repeated until
  /// it has 64 rows and columns, so a million pixels in one row count as 64 million.
  public var workedPixels: Int { padded().pixels }

  /// Bytes of a `Picture` of this size in memory.
  /// - Parameters:
  ///   - isDeep: 16 bits a sample.
  ///   - hasAlpha: the original colours and the alpha are kept beside the colours laid on white.
  public func bytes(isDeep: Bool, hasAlpha: Bool) -> Int {
    saturatingProduct(pixels, (hasAlpha ? 7 : 3) * (isDeep ? 2 : 1))
  }
}

/// What a decoder knows of a picture from its file's header, before it allocates anything for it.
struct PictureLayout {
  var size: PictureSize
  var isDeep = false
  var hasAlpha = false
  /// What the decoder itself holds while it decodes, besides the picture: bytes a pixel.
  var workingBytes = 0

  /// Bytes for each pixel of the limit: a picture of the limit's size fits at 8 bits with transparency and a decoder's
  /// copy of 5 bytes a pixel, or at 16 bits without.
  static let bytesPerPixelOfLimit = 12

  /// The most memory that decoding takes at once.
  var bytes: Int {
    let (sum, overflow) = size.bytes(isDeep: isDeep, hasAlpha: hasAlpha)
      .addingReportingOverflow(saturatingProduct(size.pixels, workingBytes))
    return overflow ? .max : sum
  }

  /// - Parameter limit: pixels.
  /// - Throws: `PictureError.damaged` for a side below 1; `tooLarge` or `tooCostly` beyond the limit.
  func check(name: String, format: String, atMost limit: Int) throws(PictureError) {
    guard size.width > 0 && size.height > 0 else {
      throw .damaged(name: name, format: format, reason: "its size is \(size.width)x\(size.height)")
    }
    if size.workedPixels > limit {
      throw .tooLarge(name: name, width: size.width, height: size.height, limit: limit)
    }
    let most = saturatingProduct(limit, Self.bytesPerPixelOfLimit)
    if bytes > most {
      throw .tooCostly(name: name, width: size.width, height: size.height, bytes: bytes, limit: most)
    }
  }
}

/// The product of two numbers that are not negative, at most `Int.max`.
private func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}
