import CHEIF

/// Files of other formats, made by hand where that is a few lines.
enum FormatFixture {
  private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An uncompressed TIFF of one strip (TIFF 6.0), little-endian.
  /// - Parameters:
  ///   - image: interleaved, as stored.
  ///   - photometric: 0 and 1 grey, 2 RGB, 5 CMYK.
  ///   - extra: 1 alpha that colours are multiplied by, 2 alpha beside them.
  static func tiff(
    _ image: [UInt8], width: Int, height: Int, bits: Int = 8, samples: Int = 3, photometric: Int = 2,
    extra: Int? = nil, orientation: Int? = nil
  ) -> [UInt8] {
    var entries: [(tag: Int, type: Int, values: [Int])] = [
      (256, 4, [width]), (257, 4, [height]), (258, 3, [Int](repeating: bits, count: samples)), (259, 3, [1]),
      (262, 3, [photometric]), (273, 4, [0]), (277, 3, [samples]), (278, 4, [height]),
      (279, 4, [image.count]),
      (282, 5, [300, 1]), (283, 5, [300, 1]), (296, 3, [2]),
    ]
    if let orientation { entries.append((274, 3, [orientation])) }
    if let extra { entries.append((338, 3, [extra])) }
    entries.sort { $0.tag < $1.tag }
    let directoryEnd = 8 + 2 + 12 * entries.count + 4
    var tail: [UInt8] = []
    var directory = little(entries.count, 2)
    // Values that do not fit into an entry follow the directory; the image comes last.
    let tailCount = entries.reduce(0) { $0 + (size($1) > 4 ? size($1) : 0) }
    for entry in entries {
      let values = entry.tag == 273 ? [directoryEnd + tailCount] : entry.values
      let content = values.flatMap { little($0, entry.type == 3 ? 2 : 4) }
      directory += little(entry.tag, 2) + little(entry.type, 2)
      directory += little(entry.type == 5 ? 1 : entry.values.count, 4)
      if content.count <= 4 {
        directory += content + [UInt8](repeating: 0, count: 4 - content.count)
      } else {
        directory += little(directoryEnd + tail.count, 4)
        tail += content
      }
    }
    return [0x49, 0x49, 42, 0] + little(8, 4) + directory + [0, 0, 0, 0] + tail + image
  }

  private static func size(_ entry: (tag: Int, type: Int, values: [Int])) -> Int {
    entry.values.count * (entry.type == 3 ? 2 : 4)
  }

  /// A BMP with a header of 40 bytes.
  /// - Parameter rows: as stored, each a multiple of four bytes long.
  static func bmp(
    _ rows: [UInt8], width: Int, height: Int, bits: Int, palette: [UInt8] = [], masks: [Int] = [],
    headerSize: Int = 40
  ) -> [UInt8] {
    let maskBytes = masks.flatMap { little($0, 4) }
    let rest = [UInt8](repeating: 0, count: max(headerSize - 40 - (headerSize > 40 ? maskBytes.count : 0), 0))
    let start = 14 + 40 + maskBytes.count + rest.count + palette.count
    return Array("BM".utf8) + little(start + rows.count, 4) + little(0, 4) + little(start, 4)
      + little(headerSize, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(bits, 2)
      + little(masks.isEmpty ? 0 : 3, 4) + little(rows.count, 4) + little(2835, 4) + little(2835, 4)
      + little(palette.count / 4, 4) + little(0, 4) + maskBytes + rest + palette + rows
  }

  /// A GIF of up to 4 colours whose codes are not compressed: a clear code before every second pixel keeps codes at 3 bits.
  static func gif(
    _ indices: [UInt8], width: Int, height: Int, palette: [UInt8], transparent: UInt8? = nil,
    screen: (width: Int, height: Int)? = nil, left: Int = 0, top: Int = 0, isInterlaced: Bool = false
  ) -> [UInt8] {
    let (w, h) = screen ?? (width, height)
    var file = Array("GIF89a".utf8) + little(w, 2) + little(h, 2) + [0x81, 0, 0] + palette
    if let transparent { file += [0x21, 0xF9, 4, 1, 0, 0, transparent, 0] }
    file += [0x2C] + little(left, 2) + little(top, 2) + little(width, 2) + little(height, 2)
    file += [isInterlaced ? 0x40 : 0, 2]
    var codes: [Int] = []
    for (number, index) in indices.enumerated() { codes += number % 2 == 0 ? [4, Int(index)] : [Int(index)] }
    codes.append(5)
    var bytes = [UInt8](repeating: 0, count: (3 * codes.count + 7) / 8)
    for (number, code) in codes.enumerated() {
      for bit in 0..<3 where code >> bit & 1 == 1 {
        bytes[(3 * number + bit) / 8] |= 1 << ((3 * number + bit) % 8)
      }
    }
    for start in stride(from: 0, to: bytes.count, by: 255) {
      let block = bytes[start..<min(start + 255, bytes.count)]
      file += [UInt8(block.count)] + block
    }
    return file + [0, 0x3B]
  }

  /// A HEIC or AVIF by libheif's own encoder, of RGBA pixels; nil where it has none.
  static func heif(_ rgba: [UInt8], width: Int, height: Int, isAVIF: Bool) -> [UInt8]? {
    let context = heif_context_alloc()
    defer { heif_context_free(context) }
    var encoder: OpaquePointer?
    let format = isAVIF ? heif_compression_AV1 : heif_compression_HEVC
    guard heif_context_get_encoder_for_format(context, format, &encoder).code == heif_error_Ok else {
      return nil
    }
    defer { heif_encoder_release(encoder) }
    heif_encoder_set_lossy_quality(encoder, 90)
    var image: OpaquePointer?
    heif_image_create(Int32(width), Int32(height), heif_colorspace_RGB, heif_chroma_interleaved_RGBA, &image)
    defer { heif_image_release(image) }
    heif_image_add_plane(image, heif_channel_interleaved, Int32(width), Int32(height), 8)
    var stride: Int32 = 0
    guard let plane = heif_image_get_plane(image, heif_channel_interleaved, &stride) else { return nil }
    for row in 0..<height {
      for index in 0..<4 * width { plane[row * Int(stride) + index] = rgba[row * 4 * width + index] }
    }
    var handle: OpaquePointer?
    guard heif_context_encode_image(context, image, encoder, nil, &handle).code == heif_error_Ok else {
      return nil
    }
    heif_image_handle_release(handle)
    final class Output { var bytes: [UInt8] = [] }
    let output = Output()
    var writer = heif_writer(
      writer_api_version: 1,
      write: { _, data, size, user in
        if let user, let data {
          Unmanaged<Output>.fromOpaque(user).takeUnretainedValue().bytes +=
            UnsafeRawBufferPointer(start: data, count: size)
        }
        return heif_error(code: heif_error_Ok, subcode: heif_suberror_Unspecified, message: nil)
      })
    heif_context_write(context, &writer, Unmanaged.passUnretained(output).toOpaque())
    return output.bytes.isEmpty ? nil : output.bytes
  }
}
