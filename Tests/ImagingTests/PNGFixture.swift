import CSPNG
import Foundation
import Testing

/// A PNG of any kind, made with libspng's own encoder.
struct PNGFixture {
  var width = 5
  var height = 4
  var bitDepth: UInt8 = 8
  var colour = SPNG_COLOR_TYPE_TRUECOLOR
  var isInterlaced = false
  var palette: [(UInt8, UInt8, UInt8)] = []
  /// Alpha of the first palette entries.
  var paletteAlpha: [UInt8] = []
  /// The grey, or red, green and blue, that stands for transparent.
  var transparent: [UInt16] = []
  var gamma: Double?
  var exif: [UInt8] = []
  var profile: [UInt8] = []
  /// A compressed text chunk.
  var text: [UInt8] = []

  /// - Parameter image: packed rows as PNG stores them, 16-bit samples in the machine's byte order.
  func encoded(_ image: [UInt8]) throws -> [UInt8] {
    let context = try #require(spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)))
    defer { spng_ctx_free(context) }
    try check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1))
    var header = spng_ihdr(
      width: UInt32(width), height: UInt32(height), bit_depth: bitDepth, color_type: UInt8(colour.rawValue),
      compression_method: 0, filter_method: 0, interlace_method: isInterlaced ? 1 : 0)
    try check(spng_set_ihdr(context, &header))
    try setPalette(context)
    let blocks = Blocks()
    defer { blocks.free() }
    try setMetadata(context, blocks)
    try check(
      spng_encode_image(
        context, image, image.count, Int32(SPNG_FMT_PNG.rawValue), Int32(SPNG_ENCODE_FINALIZE.rawValue)))
    var count = 0
    var code: Int32 = 0
    let buffer = spng_get_png_buffer(context, &count, &code)
    defer { free(buffer) }
    try check(code)
    return [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
  }

  private func setPalette(_ context: OpaquePointer) throws {
    if !palette.isEmpty {
      var table = spng_plte()
      table.n_entries = UInt32(palette.count)
      withUnsafeMutableBytes(of: &table.entries) { bytes in
        let entries = bytes.bindMemory(to: spng_plte_entry.self)
        for (index, entry) in palette.enumerated() {
          entries[index] = spng_plte_entry(red: entry.0, green: entry.1, blue: entry.2, alpha: 0)
        }
      }
      try check(spng_set_plte(context, &table))
    }
    if paletteAlpha.isEmpty && transparent.isEmpty { return }
    var transparency = spng_trns()
    transparency.n_type3_entries = UInt32(paletteAlpha.count)
    withUnsafeMutableBytes(of: &transparency.type3_alpha) { $0.copyBytes(from: paletteAlpha) }
    transparency.gray = transparent.first ?? 0
    if transparent.count == 3 {
      (transparency.red, transparency.green, transparency.blue) = (
        transparent[0], transparent[1], transparent[2]
      )
    }
    try check(spng_set_trns(context, &transparency))
  }

  private func setMetadata(_ context: OpaquePointer, _ blocks: Blocks) throws {
    if let gamma { try check(spng_set_gama(context, gamma)) }
    if !text.isEmpty {
      var block = spng_text()
      block.keyword.0 = 65
      block.type = Int32(SPNG_ZTXT.rawValue)
      block.length = text.count
      block.text = blocks.add(text + [0])
      try check(spng_set_text(context, &block, 1))
    }
    if !exif.isEmpty {
      var block = spng_exif(length: exif.count, data: blocks.add(exif))
      try check(spng_set_exif(context, &block))
    }
    if !profile.isEmpty {
      var block = spng_iccp()
      block.profile_name.0 = 65
      block.profile = blocks.add(profile)
      block.profile_len = profile.count
      try check(spng_set_iccp(context, &block))
    }
  }

  private func check(_ code: Int32) throws {
    try #require(code == 0, "libspng: \(String(cString: spng_strerror(code)))")
  }
}

/// Copies that outlive the calls they are handed to, since libspng keeps pointers until it encodes.
private final class Blocks {
  private var pointers: [UnsafeMutablePointer<CChar>] = []

  func add(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { pointer[index] = CChar(bitPattern: byte) }
    pointers.append(pointer)
    return pointer
  }

  func free() { for pointer in pointers { pointer.deallocate() } }
}
