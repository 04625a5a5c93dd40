/// What a file is, told by its first bytes and never by its name.
enum FileSignature {
  /// The decoder of a picture's format; nil for what is no picture that can be read.
  ///
  /// Sources: PNG, Third Edition, 5.2; ITU-T T.81, B.1.1.3 (SOI, then another marker's 0xFF); TIFF 6.0, section 2, and
  /// BigTIFF; RFC 9649, 2.4; GIF89a, 17; ISO/IEC 14496-12, 4.3.
  static func decoder(of source: UnsafeBufferPointer<UInt8>) -> (any PictureDecoder.Type)? {
    if source.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return PNGDecoder.self }
    if source.starts(with: [0xFF, 0xD8, 0xFF]) { return JPEGDecoder.self }
    if source.starts(with: Array("GIF8".utf8)) { return GIFDecoder.self }
    if source.starts(with: Array("RIFF".utf8)) && source.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      return WebPDecoder.self
    }
    if isTIFF(source) { return TIFFDecoder.self }
    if isHEIF(source) { return HEIFDecoder.self }
    if isBMP(source) { return BMPDecoder.self }
    return nil
  }

  private static let canonRaw: [UInt8] = [0x49, 0x49, 42, 0, 16, 0, 0, 0, 0x43, 0x52]

  private static func isTIFF(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
    // A TIFF of thumbnails, of which the first would be read.
    if source.starts(with: canonRaw) { return false }
    return [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]].contains {
      source.starts(with: $0)
    }
  }

  private static func isHEIF(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
    let brands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"]
    return source.dropFirst(4).starts(with: Array("ftyp".utf8))
      && brands.contains { source.dropFirst(8).starts(with: Array($0.utf8)) }
  }

  /// Two letters alone begin many texts, so the header that follows must be one of the known sizes.
  private static func isBMP(_ source: UnsafeBufferPointer<UInt8>) -> Bool {
    source.starts(with: Array("BM".utf8)) && source.count > 18 && source[15...17].allSatisfy { $0 == 0 }
      && BMPDecoder.headerSizes.contains(Int(source[14]))
  }

  /// What the file is instead of a picture, and what to do, for what people hand to such a program by mistake.
  static func foreign(_ source: UnsafeBufferPointer<UInt8>) -> (what: String, advice: String)? {
    let head = Array(source.prefix(1024))
    let text = String(decoding: head, as: UTF8.self).lowercased()
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if text.hasPrefix("version https://git-lfs") {
      return ("a pointer to a file in Git LFS", "fetch the picture itself with git lfs pull")
    }
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return ("an HTML page", "download the picture that the page shows")
    }
    if text.hasPrefix("<svg") || text.hasPrefix("<?xml") && text.contains("<svg") {
      return ("an SVG drawing, which has no pixels", "export it as PNG")
    }
    return known.first { head.dropFirst($0.offset).starts(with: $0.bytes) }.map { ($0.what, $0.advice) }
  }

  private struct Known {
    let offset: Int
    let bytes: [UInt8]
    let what: String
    let advice: String

    init(_ text: String, at offset: Int = 0, is what: String, advice: String) {
      self.init(Array(text.utf8), at: offset, is: what, advice: advice)
    }

    init(_ bytes: [UInt8], at offset: Int = 0, is what: String, advice: String) {
      (self.bytes, self.offset, self.what, self.advice) = (bytes, offset, what, advice)
    }
  }

  private static let known = [
    Known("%PDF", is: "a PDF document", advice: "export its page as PNG"),
    Known("PK\u{3}\u{4}", is: "a zip archive", advice: "unpack it and name a picture in it"),
    Known([0x1F, 0x8B], is: "a gzip archive", advice: "unpack it and name a picture in it"),
    Known(
      [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], is: "a 7z archive", advice: "unpack it and name a picture in it"),
    Known("Rar!", is: "a RAR archive", advice: "unpack it and name a picture in it"),
    Known("8BPS", is: "a Photoshop document", advice: "export it as PNG or TIFF"),
    Known("gimp xcf", is: "a GIMP document", advice: "export it as PNG or TIFF"),
    Known([0xFF, 0x0A], is: "a JPEG XL picture", advice: "convert it to PNG"),
    Known([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20], is: "a JPEG XL picture", advice: "convert it to PNG"),
    Known([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], is: "a JPEG 2000 picture", advice: "convert it to PNG"),
    Known(canonRaw, is: "a camera's raw file", advice: "develop it to TIFF or PNG"),
    Known("ftypcrx", at: 4, is: "a camera's raw file", advice: "develop it to TIFF or PNG"),
    Known("FUJIFILMCCD-RAW", is: "a camera's raw file", advice: "develop it to TIFF or PNG"),
    Known("ftyp", at: 4, is: "a film", advice: "export a frame of it as PNG"),
    Known([0x1A, 0x45, 0xDF, 0xA3], is: "a film", advice: "export a frame of it as PNG"),
    Known([0x93] + Array("NUMPY".utf8), is: "a NumPy array", advice: "save it as PNG"),
    Known([0x76, 0x2F, 0x31, 0x01], is: "an OpenEXR picture", advice: "convert it to 16-bit PNG or TIFF"),
    Known("P6", is: "a PPM picture", advice: "convert it to PNG"),
    Known("P5", is: "a PGM picture", advice: "convert it to PNG"),
  ]
}
