internal import CSPNG

/// The one owner of a libspng context, and the one place where its return codes become errors.
final class SPNGContext {
  enum Purpose { case decoding, encoding }

  let pointer: OpaquePointer
  let name: String
  private let purpose: Purpose

  init(_ purpose: Purpose, name: String) throws(PictureError) {
    let flags = purpose == .encoding ? Int32(SPNG_CTX_ENCODER.rawValue) : 0
    guard let pointer = spng_ctx_new(flags) else { throw .outOfMemory(name: name) }
    self.pointer = pointer
    self.name = name
    self.purpose = purpose
  }

  deinit { spng_ctx_free(pointer) }

  func check(_ code: Int32) throws(PictureError) {
    if code == 0 { return }
    let reason = String(cString: spng_strerror(code))
    throw switch (purpose, code) {
    case (.encoding, _): .notEncoded(name: name, format: "PNG", reason: reason)
    case (.decoding, Int32(SPNG_EMEM.rawValue)): .outOfMemory(name: name)
    case (.decoding, SPNG_IO_EOF.rawValue), (.decoding, SPNG_EIDAT_TOO_SHORT.rawValue):
      .damaged(name: name, format: "PNG", reason: "the file is cut short")
    case (.decoding, _): .damaged(name: name, format: "PNG", reason: reason)
    }
  }

  /// As `check`, for calls that say "end of image" with the last row.
  func checkRow(_ code: Int32) throws(PictureError) {
    if code != Int32(SPNG_EOI.rawValue) { try check(code) }
  }
}
