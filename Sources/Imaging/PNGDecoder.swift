internal import CSPNG

/// Decodes one PNG, a scan line at a time and straight into the picture's own samples.
final class PNGDecoder: PictureDecoder {
  static let format = "PNG"

  /// What chunks other than image data may take together: larger profiles are not honest.
  private static let maximumChunkBytes = 16 << 20

  private let context: SPNGContext
  private let header: spng_ihdr
  private let hasAlpha: Bool
  private let chunks: PNGChunks
  /// The file without the chunks that do not matter; nil where it is read as it is.
  private let copy: UnsafeMutableBufferPointer<UInt8>?

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    context = try SPNGContext(.decoding, name: name)
    chunks = PNGChunks(source)
    copy =
      chunks.kept.count == 1 && chunks.kept[0].count == source.count
      ? nil : Self.joined(chunks.kept, of: source)
    let read = copy.map { UnsafeBufferPointer($0) } ?? source
    var header = spng_ihdr()
    var hasAlpha = false
    do {
      let limit = Self.maximumChunkBytes
      try context.check(spng_set_chunk_limits(context.pointer, limit, limit))
      try context.check(spng_set_png_buffer(context.pointer, read.baseAddress, read.count))
      try context.check(spng_get_ihdr(context.pointer, &header))
      var transparent = spng_trns()
      hasAlpha = header.color_type & 4 != 0 || spng_get_trns(context.pointer, &transparent) == 0
    } catch {
      copy?.deallocate()
      throw error
    }
    (self.header, self.hasAlpha) = (header, hasAlpha)
  }

  deinit { copy?.deallocate() }

  private static func joined(
    _ parts: [Range<Int>], of source: UnsafeBufferPointer<UInt8>
  ) -> UnsafeMutableBufferPointer<UInt8> {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: parts.reduce(0) { $0 + $1.count })
    var end = 0
    for part in parts {
      _ = UnsafeMutableBufferPointer(rebasing: copy[end..<end + part.count]).update(from: source[part])
      end += part.count
    }
    return copy
  }

  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(width: Int(header.width), height: Int(header.height)), isDeep: header.bit_depth == 16,
      hasAlpha: hasAlpha)
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let (samples, transparency) = try decodeSamples(check)
    // Reads on to IEND: EXIF may follow the image data, and a file cut short there is damaged too.
    try context.check(spng_decode_chunks(context.pointer))
    let metadata = metadata
    return Picture(
      width: Int(header.width), height: Int(header.height), samples: samples, isGrey: isGrey,
      orientation: metadata.exif.flatMap { EXIF.orientation(tiff: $0) }, transparency: transparency,
      metadata: metadata, notes: transparency == nil ? [] : [Picture.laidOnWhiteNote])
  }

  private var isGrey: Bool {
    let type = UInt32(header.color_type)
    return type == SPNG_COLOR_TYPE_GRAYSCALE.rawValue || type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue
  }

  private func decodeSamples(
    _ check: () throws(PictureError) -> Void
  ) throws(PictureError) -> (Picture.Samples, Transparency?) {
    if header.bit_depth == 16 {
      let rows = try decodeRows(of: UInt16.self, as: SPNG_FMT_RGBA16, check: check)
      return (.bits16(rows.samples), rows.transparency { .bits16($0) })
    }
    let rows = try decodeRows(of: UInt8.self, as: SPNG_FMT_RGBA8, check: check)
    return (.bits8(rows.samples), rows.transparency { .bits8($0) })
  }

  /// libspng expands every colour type to RGBA; gamma is applied only when asked for.
  private func decodeRows<Sample: FixedWidthInteger & UnsignedInteger>(
    of: Sample.Type, as format: spng_format, check: () throws(PictureError) -> Void
  ) throws(PictureError) -> PictureRows<Sample> {
    let flags = SPNG_DECODE_TRNS.rawValue | SPNG_DECODE_PROGRESSIVE.rawValue
    try context.check(
      spng_decode_image(context.pointer, nil, 0, Int32(format.rawValue), Int32(flags)))
    let width = Int(header.width)
    var rows = PictureRows<Sample>(width: width, height: Int(header.height))
    var line = [Sample](repeating: 0, count: 4 * width)
    var info = spng_row_info()
    while spng_get_row_info(context.pointer, &info) == 0 {
      try check()
      try context.checkRow(
        spng_decode_scanline(context.pointer, &line, line.count * MemoryLayout<Sample>.stride))
      line.withUnsafeBufferPointer {
        rows.store($0, row: Int(info.row_num), columns: columns(pass: info.pass), hasAlpha: hasAlpha)
      }
    }
    return rows
  }

  /// The columns that a scan line fills: all, or one Adam7 pass's (PNG, Third Edition, 8.1).
  private func columns(pass: Int32) -> StrideTo<Int> {
    let passes = [(0, 8), (4, 8), (0, 4), (2, 4), (0, 2), (1, 2), (0, 1)]
    let (start, step) = header.interlace_method == 0 ? (0, 1) : passes[Int(pass)]
    return stride(from: start, to: Int(header.width), by: step)
  }
}

// MARK: metadata

extension PNGDecoder {
  private var metadata: PictureMetadata {
    var metadata = PictureMetadata(iccProfile: iccProfile, exif: exif)
    var gamma: UInt32 = 0
    if spng_get_gama_int(context.pointer, &gamma) == 0 { metadata.gamma = gamma }
    var intent: UInt8 = 0
    if spng_get_srgb(context.pointer, &intent) == 0 { metadata.renderingIntent = intent }
    metadata.chromaticities = chromaticities
    metadata.density = density
    if let code = chunks.codePoints {
      metadata.codePoints = .init(
        primaries: code[0], transfer: code[1], matrix: code[2], isFullRange: code[3] != 0)
    }
    return metadata
  }

  private var exif: [UInt8]? {
    var exif = spng_exif()
    guard spng_get_exif(context.pointer, &exif) == 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: exif.data, count: exif.length))
  }

  private var iccProfile: [UInt8]? {
    var profile = spng_iccp()
    guard spng_get_iccp(context.pointer, &profile) == 0 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: profile.profile, count: profile.profile_len))
  }

  private var chromaticities: PictureMetadata.Chromaticities? {
    var points = spng_chrm_int()
    guard spng_get_chrm_int(context.pointer, &points) == 0 else { return nil }
    return .init(
      white: .init(x: points.white_point_x, y: points.white_point_y),
      red: .init(x: points.red_x, y: points.red_y), green: .init(x: points.green_x, y: points.green_y),
      blue: .init(x: points.blue_x, y: points.blue_y))
  }

  private var density: PixelDensity? {
    var physical = spng_phys()
    guard spng_get_phys(context.pointer, &physical) == 0 else { return nil }
    return PixelDensity(
      x: physical.ppu_x, y: physical.ppu_y, unit: physical.unit_specifier == 1 ? .metre : .aspect)
  }
}
