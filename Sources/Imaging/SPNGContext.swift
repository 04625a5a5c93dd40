internal import CSPNG

/// The one owner of a libspng context, and the one place where its return codes become errors.
final class SPNGContext {
  enum Purpose { case decoding, encoding }

  let pointer: OpaquePointer
  let name: String
  private let purpose: Purpose
  private var blocks: [UnsafeMutableBufferPointer<UInt8>] = []

  init(_ purpose: Purpose, name: String) throws(PictureError) {
    let flags = purpose == .encoding ? Int32(SPNG_CTX_ENCODER.rawValue) : 0
    guard let pointer = spng_ctx_new(flags) else { throw .outOfMemory(name: name) }
    self.pointer = pointer
    self.name = name
    self.purpose = purpose
  }

  deinit {
    spng_ctx_free(pointer)
    for block in blocks { block.deallocate() }
  }

  /// A copy that lives as long as the context, for what libspng keeps a pointer to until the picture is encoded.
  func keep(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = block.initialize(from: bytes)
    blocks.append(block)
    return UnsafeMutableRawPointer(block.baseAddress)?.assumingMemoryBound(to: CChar.self)
  }

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

  /// For metadata: what libspng refuses is left out, since a broken block must not cost the picture.
  func offer(_ code: Int32) throws(PictureError) {
    if code == Int32(SPNG_EMEM.rawValue) { try check(code) }
  }

  /// As `check`, for calls that say "end of image" with the last row.
  func checkRow(_ code: Int32) throws(PictureError) {
    if code != Int32(SPNG_EOI.rawValue) { try check(code) }
  }
}
