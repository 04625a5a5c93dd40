internal import CJPEG

/// Owns a libjpeg decompressor and decodes one JPEG with it.
final class JPEGDecoder: PictureDecoder {
  static let format = "JPEG"

  private let reader: OpaquePointer
  private let source: UnsafeBufferPointer<UInt8>
  private let name: String
  private let header: jpeg_header

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    guard let reader = jpeg_reader_new(source.baseAddress, source.count) else {
      throw .outOfMemory(name: name)
    }
    var header = jpeg_header()
    do { try Self.check(jpeg_reader_header(reader, &header), of: reader, name: name) } catch {
      jpeg_reader_free(reader)
      throw error
    }
    (self.reader, self.source, self.name, self.header) = (reader, source, name, header)
  }

  deinit { jpeg_reader_free(reader) }

  private var width: Int { Int(header.width) }
  private var height: Int { Int(header.height) }
  private var isCMYK: Bool { header.is_cmyk != 0 }

  /// libjpeg keeps two bytes for every coefficient of a progressive file, and CMYK is converted from four bytes a pixel.
  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(width: width, height: height),
      workingBytes: (header.is_progressive != 0 ? 2 * Int(header.components) : 0) + (isCMYK ? 4 : 0))
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let samples = try decode(check)
    let markers = JPEGMarkers(source)
    var metadata = PictureMetadata(iccProfile: markers.iccProfile, exif: markers.exif)
    metadata.density = density
    // A profile of inks says nothing about the red, green and blue that they were converted to.
    if isCMYK { metadata.iccProfile = nil }
    return Picture(
      width: width, height: height, samples: .bits8(samples), isGrey: header.components == 1,
      orientation: markers.exif.flatMap { EXIF.orientation(tiff: $0) }, metadata: metadata, notes: notes)
  }

  /// Grey comes out three times.
  private func decode(_ check: () throws(PictureError) -> Void) throws(PictureError) -> [UInt8] {
    var samples = [UInt8](repeating: 0, count: (isCMYK ? 4 : 3) * width * height)
    let code = try LibraryCheck.passing(check) { context in
      jpeg_reader_decode(reader, &samples, { LibraryCheck.hasThrown($0) ? 1 : 0 }, context)
    }
    try Self.check(code, of: reader, name: name)
    return isCMYK ? rgb(cmyk: samples) : samples
  }

  /// What is left of the light behind inks that absorb it: (1 - c)(1 - k). Files with an Adobe segment hold 255 for no ink,
  /// others 0 (as Pillow and others read them, since the standard does not say).
  private func rgb(cmyk: [UInt8]) -> [UInt8] {
    let isInverted = header.is_inverted != 0
    func light(_ value: UInt8) -> Int { Int(isInverted ? value : 255 - value) }
    return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      for pixel in 0..<width * height {
        let black = light(cmyk[4 * pixel + 3])
        for channel in 0..<3 {
          buffer[3 * pixel + channel] = UInt8((light(cmyk[4 * pixel + channel]) * black + 127) / 255)
        }
      }
      count = buffer.count
    }
  }

  private var density: PixelDensity? {
    guard header.density_unit >= 0, header.density_x > 0, header.density_y > 0 else { return nil }
    // A square pixel without a unit says nothing.
    if header.density_unit == 0 && header.density_x == header.density_y { return nil }
    let units: [PixelDensity.Unit] = [.aspect, .inch, .centimetre]
    guard Int(header.density_unit) < units.count else { return nil }
    return PixelDensity(
      x: UInt32(header.density_x), y: UInt32(header.density_y), unit: units[Int(header.density_unit)])
  }

  private var notes: [String] {
    let given = jpeg_reader_notes(reader)
    let texts = [
      (
        JPEG_NOTE_SCAN_PARAMETERS,
        "the JPEG's scan header has parameters of another kind; they were passed over"
      ),
      (JPEG_NOTE_STRAY_BYTES, "the JPEG has stray bytes between its parts; they were passed over"),
      (JPEG_NOTE_JFIF_REVISION, "the JPEG names an unknown revision of JFIF; it was read as revision 1"),
      (JPEG_NOTE_ADOBE_TRANSFORM, "the JPEG names an unknown colour transform; it was read as YCbCr"),
    ]
    return texts.filter { Int(given) & Int($0.0) != 0 }.map(\.1) + (isCMYK ? [Self.inkNote] : [])
  }

  private static let inkNote = "inks (CMYK) were converted to red, green and blue without their profile"

  private static func check(
    _ code: Int32, of reader: OpaquePointer, name: String
  ) throws(PictureError) {
    switch code {
    case Int32(JPEG_OK): return
    case Int32(JPEG_OUT_OF_MEMORY): throw .outOfMemory(name: name)
    default: throw .damaged(name: name, format: format, reason: String(cString: jpeg_reader_reason(reader)))
    }
  }
}
