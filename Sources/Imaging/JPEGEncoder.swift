internal import CJPEG

/// Encodes a baseline JPEG of 8 bits, with the accurate DCT; transparent places are white.
///
/// libjpeg-turbo's vector code for the accurate DCT, for colours and for chroma gives what its plain C gives, so the same
/// picture makes the same bytes on every machine.
final class JPEGEncoder: PictureEncoder {
  /// Which colours are stored, and how finely.
  enum Sampling {
    /// Luminance alone.
    case grey
    /// Chroma at the picture's own resolution, or at half of it.
    case full, halved
  }

  /// What libjpeg's bytes pass through: the metadata's segments go behind the first of them.
  private final class Head {
    let segments: JPEGSegments
    let bytes: EncodedBytes
    var isWritten = false

    init(_ metadata: PictureMetadata, _ bytes: EncodedBytes) {
      (segments, self.bytes) = (JPEGSegments(metadata), bytes)
    }

    /// libjpeg's buffer is much larger than the JFIF segment, which the first part therefore holds.
    func take(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
      if isWritten { return bytes.take(UnsafeRawBufferPointer(part)) }
      isWritten = true
      return segments.inserted(in: Array(part)).withUnsafeBytes { bytes.take($0) }
    }
  }

  private let writer: OpaquePointer
  private let head: Head
  private let name: String

  /// - Parameter quality: 1 to 100, as libjpeg counts.
  init(
    _ shape: EncodedShape, quality: Int, sampling: Sampling, name: String, into bytes: EncodedBytes
  ) throws(PictureError) {
    let head = Head(shape.metadata, bytes)
    let writer = jpeg_writer_new(
      { context, bytes, count in
        guard let context, let bytes else { return 0 }
        return Unmanaged<Head>.fromOpaque(context).takeUnretainedValue()
          .take(UnsafeBufferPointer(start: bytes, count: count)) ? 1 : 0
      }, Unmanaged.passUnretained(head).toOpaque())
    guard let writer else { throw .outOfMemory(name: name) }
    (self.writer, self.head, self.name) = (writer, head, name)
    var format = jpeg_format(
      width: Int32(clamping: shape.width), height: Int32(clamping: shape.height), quality: Int32(quality),
      is_grey: sampling == .grey ? 1 : 0, halves: sampling == .halved ? 1 : 0)
    try check(jpeg_writer_begin(writer, &format))
  }

  deinit { jpeg_writer_free(writer) }

  func append(_ band: Picture, check isWanted: () throws(PictureError) -> Void) throws(PictureError) {
    let samples = band.rgb8
    for row in 0..<band.height {
      try isWanted()
      let code = samples.withUnsafeBufferPointer { samples in
        jpeg_writer_row(writer, samples.baseAddress.map { $0 + 3 * row * band.width })
      }
      try check(code)
    }
  }

  func finish(check isWanted: () throws(PictureError) -> Void) throws(PictureError) {
    try isWanted()
    try check(jpeg_writer_end(writer))
  }

  private func check(_ code: Int32) throws(PictureError) {
    switch code {
    case Int32(JPEG_WRITTEN): return
    case Int32(JPEG_NOT_TAKEN):
      throw .notEncoded(name: name, format: "JPEG", reason: "its bytes could not be written")
    default:
      throw .notEncoded(name: name, format: "JPEG", reason: String(cString: jpeg_writer_reason(writer)))
    }
  }
}
