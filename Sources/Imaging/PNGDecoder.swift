internal import CSPNG

/// Decodes one PNG, a scan line at a time and straight into the picture's own samples.
struct PNGDecoder {
  /// What chunks other than image data may take together: larger profiles and texts are not honest.
  private static let maximumChunkBytes = 16 << 20

  private let context: SPNGContext
  private let header: spng_ihdr

  /// - Parameter source: must outlive the decoder.
  init(_ source: UnsafeBufferPointer<UInt8>, name: String, atMost pixels: Int) throws(PictureError) {
    context = try SPNGContext(.decoding, name: name)
    let limit = Self.maximumChunkBytes
    try context.check(spng_set_chunk_limits(context.pointer, limit, limit))
    try context.check(spng_set_png_buffer(context.pointer, source.baseAddress, source.count))
    var header = spng_ihdr()
    try context.check(spng_get_ihdr(context.pointer, &header))
    try Picture.checkSize(width: Int(header.width), height: Int(header.height), name: name, atMost: pixels)
    self.header = header
  }

  func picture() throws(PictureError) -> Picture {
    let (samples, isOpaque) = try decodeSamples()
    // Reads on to IEND: EXIF may follow the image data, and a file cut short there is damaged too.
    try context.check(spng_decode_chunks(context.pointer))
    return Picture(
      width: Int(header.width), height: Int(header.height), samples: samples, isGrey: isGrey,
      orientation: exif().flatMap { EXIF.orientation(tiff: $0) }, iccProfile: iccProfile(),
      notes: isOpaque ? [] : ["transparent places laid on white"])
  }

  private var isGrey: Bool {
    let type = UInt32(header.color_type)
    return type == SPNG_COLOR_TYPE_GRAYSCALE.rawValue || type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue
  }

  private func decodeSamples() throws(PictureError) -> (Picture.Samples, isOpaque: Bool) {
    if header.bit_depth == 16 {
      let (samples, isOpaque) = try decodeRows(of: UInt16.self, as: SPNG_FMT_RGBA16)
      return (.bits16(samples), isOpaque)
    }
    let (samples, isOpaque) = try decodeRows(of: UInt8.self, as: SPNG_FMT_RGBA8)
    return (.bits8(samples), isOpaque)
  }

  /// libspng expands every colour type to RGBA; gamma is applied only when asked for.
  private func decodeRows<Sample: FixedWidthInteger>(
    of: Sample.Type, as format: spng_format
  ) throws(PictureError) -> ([Sample], isOpaque: Bool) {
    let flags = SPNG_DECODE_TRNS.rawValue | SPNG_DECODE_PROGRESSIVE.rawValue
    try context.check(
      spng_decode_image(context.pointer, nil, 0, Int32(format.rawValue), Int32(flags)))
    let width = Int(header.width)
    var samples = [Sample](repeating: 0, count: 3 * width * Int(header.height))
    var line = [Sample](repeating: 0, count: 4 * width)
    var isOpaque = true
    var info = spng_row_info()
    while spng_get_row_info(context.pointer, &info) == 0 {
      try context.checkRow(
        spng_decode_scanline(context.pointer, &line, line.count * MemoryLayout<Sample>.stride))
      let opaque = Self.store(
        line, at: columns(pass: info.pass), rowStart: Int(info.row_num) * width, in: &samples)
      isOpaque = isOpaque && opaque
    }
    return (samples, isOpaque)
  }

  /// The columns that a scan line fills: all, or one Adam7 pass's (PNG, Third Edition, 8.1).
  private func columns(pass: Int32) -> StrideTo<Int> {
    let passes = [(0, 8), (4, 8), (0, 4), (2, 4), (0, 2), (1, 2), (0, 1)]
    let (start, step) = header.interlace_method == 0 ? (0, 1) : passes[Int(pass)]
    return stride(from: start, to: Int(header.width), by: step)
  }

  /// Lays red, green and blue of a scan line on white, for what files hold where nothing of it shows is no part of the
  /// picture (PNG, Third Edition, 13.16, of the samples as stored); tells whether all its alpha is opaque.
  private static func store<Sample: FixedWidthInteger>(
    _ line: [Sample], at columns: StrideTo<Int>, rowStart: Int, in samples: inout [Sample]
  ) -> Bool {
    var alpha = Sample.max
    for (pixel, column) in columns.enumerated() {
      let target = 3 * (rowStart + column)
      let cover = line[4 * pixel + 3]
      for channel in 0..<3 {
        samples[target + channel] = laidOnWhite(line[4 * pixel + channel], cover: cover)
      }
      alpha &= cover
    }
    return alpha == Sample.max
  }

  /// Rounded to the nearest.
  private static func laidOnWhite<Sample: FixedWidthInteger>(_ value: Sample, cover: Sample) -> Sample {
    if cover == Sample.max { return value }
    let (value, cover, white) = (UInt64(value), UInt64(cover), UInt64(Sample.max))
    return Sample((value * cover + white * (white - cover) + white / 2) / white)
  }

  private func exif() -> [UInt8]? {
    var exif = spng_exif()
    guard spng_get_exif(context.pointer, &exif) == 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: exif.data, count: exif.length))
  }

  private func iccProfile() -> [UInt8]? {
    var profile = spng_iccp()
    guard spng_get_iccp(context.pointer, &profile) == 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: profile.profile, count: profile.profile_len))
  }
}
