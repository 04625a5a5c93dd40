/// One format's way from a picture's rows to the bytes of a file, which are handed out as soon as they are there.
protocol PictureEncoder: AnyObject {
  /// Takes the next rows: a band as wide as the picture, like the shape in all but its height.
  /// - Parameter check: called before each row; throws `.cancelled` to stop.
  func append(_ band: Picture, check: () throws(PictureError) -> Void) throws(PictureError)

  /// Hands out the rest of the bytes, after the last row.
  /// - Parameter check: called as often as the format's library allows.
  func finish(check: () throws(PictureError) -> Void) throws(PictureError)
}

/// What an encoder must know of a picture before its first row comes.
struct EncodedShape {
  let width: Int, height: Int
  let isGrey: Bool, isDeep: Bool, hasAlpha: Bool
  var metadata: PictureMetadata

  /// - Parameters:
  ///   - band: the picture, or the first rows of it.
  ///   - height: of the whole picture.
  init(_ band: Picture, height: Int) {
    (width, self.height) = (band.width, height)
    (isGrey, isDeep) = (band.isGrey, band.samples.isDeep)
    (hasAlpha, metadata) = (band.transparency != nil, band.metadata)
  }
}

/// Where an encoder's bytes go. An error of the place that they go to is kept, since it cannot pass through C code.
final class EncodedBytes {
  private let receive: (UnsafeRawBufferPointer) throws -> Void
  private(set) var failure: (any Error)?

  /// - Parameter receive: called with the bytes in the file's order, until it throws.
  init(_ receive: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.receive = receive }

  /// - Returns: whether more are wanted.
  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard failure == nil else { return false }
    do { try receive(bytes) } catch { failure = error }
    return failure == nil
  }
}

extension PictureFormat {
  /// The most pixels that a side may have.
  package var longestSide: Int {
    switch self {
    case .png: Int(Int32.max)
    case .jpeg: 65_500
    case .webp: 16_383
    }
  }

  /// The format's name, as errors have it.
  private var shownName: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .webp: "WebP"
    }
  }

  /// Refuses a picture that the format cannot hold, which can be known before the picture is made.
  /// - Throws: `PictureError.notEncoded`.
  package func check(_ size: PictureSize, name: String) throws(PictureError) {
    guard max(size.width, size.height) > longestSide else { return }
    throw .notEncoded(
      name: name, format: shownName, reason: "a side may have \(longestSide) pixels at most")
  }

  func encoder(
    of shape: EncodedShape, _ options: EncodingOptions, name: String, into bytes: EncodedBytes
  ) throws(PictureError) -> any PictureEncoder {
    precondition(options.quality.map { (1...100).contains($0) } ?? true, "qualities are 1 to 100")
    try check(PictureSize(width: shape.width, height: shape.height), name: name)
    return switch self {
    case .png: try PNGEncoder(shape, isDeep: options.isDeep, name: name, into: bytes)
    case .jpeg:
      try JPEGEncoder(
        shape, quality: options.quality ?? 95, sampling: shape.isGrey ? .grey : .full, name: name, into: bytes
      )
    case .webp: WebPEncoder(height: shape.height, quality: options.quality, name: name, into: bytes)
    }
  }
}
