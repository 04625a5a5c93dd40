internal import CTIFF

/// Decodes the first picture of a TIFF with libtiff: rows of grey or RGB at 8 or 16 bits as stored, everything else (palettes,
/// tiles, CMYK, YCbCr, planes, few bits) as libtiff converts it to 8 bits.
final class TIFFDecoder: PictureDecoder {
  static let format = "TIFF"

  private let reader: OpaquePointer
  private let name: String
  private let header: tiff_header

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    var reason = [CChar](repeating: 0, count: 200)
    guard let reader = tiff_reader_new(source.baseAddress, source.count, &reason) else {
      let bytes = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .damaged(name: name, format: Self.format, reason: String(decoding: bytes, as: UTF8.self))
    }
    var header = tiff_header()
    guard tiff_reader_header(reader, &header) != 0, header.width <= Int32.max, header.height <= Int32.max
    else {
      tiff_reader_free(reader)
      throw .damaged(name: name, format: Self.format, reason: "its size is missing")
    }
    (self.reader, self.name, self.header) = (reader, name, header)
  }

  deinit { tiff_reader_free(reader) }

  private var width: Int { Int(header.width) }
  private var height: Int { Int(header.height) }
  private var isDeep: Bool { header.is_plain != 0 && header.bits == 16 }
  private var isGrey: Bool { header.photometric < 2 }

  /// libtiff's own buffer is at most the whole picture as stored, of at most as many samples as are counted here.
  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(width: width, height: height), isDeep: isDeep, hasAlpha: header.has_alpha != 0,
      workingBytes: (header.is_plain != 0 ? 0 : 4) + Int(header.samples) * (Int(header.bits) + 7) / 8)
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    var notes: [String] = []
    let samples: Picture.Samples
    let transparency: Transparency?
    if isDeep {
      let rows = try plainRows(of: UInt16.self, check: check)
      (samples, transparency) = (.bits16(rows.samples), rows.transparency { .bits16($0) })
    } else if header.is_plain != 0 {
      let rows = try plainRows(of: UInt8.self, check: check)
      (samples, transparency) = (.bits8(rows.samples), rows.transparency { .bits8($0) })
    } else {
      let rows = try convertedRows(check)
      (samples, transparency) = (.bits8(rows.samples), rows.transparency { .bits8($0) })
      if header.bits > 8 { notes.append("the TIFF's \(header.bits)-bit samples were reduced to 8 bits") }
    }
    if transparency != nil { notes.append(Picture.laidOnWhiteNote) }
    return Picture(
      width: width, height: height, samples: samples, isGrey: isGrey,
      orientation: header.orientation == 1 ? nil : Int(header.orientation), transparency: transparency,
      metadata: metadata, notes: notes)
  }

  /// Rows as stored, spread to red, green, blue and alpha.
  private func plainRows<Sample: FixedWidthInteger & UnsignedInteger>(
    of: Sample.Type, check: () throws(PictureError) -> Void
  ) throws(PictureError) -> PictureRows<Sample> {
    let samples = Int(header.samples)
    let colours = isGrey ? 1 : 3
    let inverts = header.photometric == 0
    var rows = PictureRows<Sample>(width: width, height: height)
    var stored = [Sample](repeating: 0, count: samples * width)
    var line = [Sample](repeating: .max, count: 4 * width)
    for row in 0..<height {
      try check()
      let code = tiff_reader_row(reader, UInt32(row), &stored, stored.count * MemoryLayout<Sample>.stride)
      if code == 0 { throw damage }
      for pixel in 0..<width {
        let cover = header.has_alpha != 0 ? stored[samples * pixel + colours] : .max
        for channel in 0..<3 {
          let value = stored[samples * pixel + (isGrey ? 0 : channel)]
          line[4 * pixel + channel] = unmultiplied(inverts ? .max - value : value, cover)
        }
        line[4 * pixel + 3] = cover
      }
      line.withUnsafeBufferPointer {
        rows.store($0, row: row, columns: stride(from: 0, to: width, by: 1), hasAlpha: header.has_alpha != 0)
      }
    }
    return rows
  }

  /// The colour itself where the file holds it multiplied by alpha.
  private func unmultiplied<Sample: FixedWidthInteger & UnsignedInteger>(_ value: Sample, _ cover: Sample)
    -> Sample
  {
    if header.is_premultiplied == 0 || cover == .max { return value }
    if cover == 0 { return .max }
    return Sample(clamping: (Int(value) * Int(Sample.max) + Int(cover) / 2) / Int(cover))
  }

  private func convertedRows(
    _ check: () throws(PictureError) -> Void
  ) throws(PictureError) -> PictureRows<UInt8> {
    var words = [UInt32](repeating: 0, count: width * height)
    var header = header
    if tiff_reader_rgba(reader, &header, &words) == 0 { throw damage }
    var rows = PictureRows<UInt8>(width: width, height: height)
    var line = [UInt8](repeating: 0, count: 4 * width)
    for row in 0..<height {
      try check()
      for pixel in 0..<width {
        let word = words[row * width + pixel]
        let cover = UInt8(word >> 24)
        for channel in 0..<3 {
          let value = Int(word >> (8 * channel) & 255)
          line[4 * pixel + channel] =
            cover == 0 ? 255 : UInt8(clamping: (value * 255 + Int(cover) / 2) / Int(cover))
        }
        line[4 * pixel + 3] = cover
      }
      line.withUnsafeBufferPointer {
        rows.store($0, row: row, columns: stride(from: 0, to: width, by: 1), hasAlpha: header.has_alpha != 0)
      }
    }
    return rows
  }

  private var damage: PictureError {
    let reason = String(cString: tiff_reader_reason(reader))
    return .damaged(name: name, format: Self.format, reason: reason.isEmpty ? "a part is missing" : reason)
  }

  private var metadata: PictureMetadata {
    var metadata = PictureMetadata()
    // A profile of inks says nothing about the colours that libtiff makes of them.
    if let profile = header.profile, header.photometric <= 2 {
      metadata.iccProfile = Array(UnsafeBufferPointer(start: profile, count: Int(header.profile_count)))
    }
    let (x, y) = (header.density_x, header.density_y)
    if header.density_unit >= 2, x.isFinite, y.isFinite, x >= 1, y >= 1, max(x, y) < 1e9 {
      metadata.density = PixelDensity(
        x: UInt32(x.rounded()), y: UInt32(y.rounded()), unit: header.density_unit == 2 ? .inch : .centimetre)
    }
    return metadata
  }
}
