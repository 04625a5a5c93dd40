extension Picture {
  /// The largest picture that is decoded, checked from the header before any sample is allocated.
  public static let maximumPixels = 100_000_000

  /// Reads a PNG or JPEG file, told apart by content and not by name.
  ///
  /// PNG of every depth and colour type keeps its samples as stored, 1, 2 and 4 bits scaled to 8 and
  /// palettes looked up; transparent places are laid on white, with a note. JPEG is decoded with
  /// the accurate DCT, and any warning of the decoder counts as damage; CMYK is refused.
  public static func read(_ path: String) throws(PictureError) -> Picture {
    try decode(PictureFile.contents(of: path), name: path)
  }

  /// Decodes a PNG or JPEG held in memory.
  /// - Parameters:
  ///   - name: what errors call it.
  ///   - limit: how many pixels it may have.
  public static func decode(
    _ bytes: [UInt8], name: String, atMost limit: Int = maximumPixels
  ) throws(PictureError) -> Picture {
    if bytes.isEmpty { throw .empty(name: name) }
    return try bytes.withUnsafeBufferPointer { (source) throws(PictureError) in
      // PNG, Third Edition, 5.2: the signature. ITU-T T.81, B.1.1.3: SOI, then another marker's 0xFF.
      if source.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        return try PNGDecoder(source, name: name, atMost: limit).picture()
      }
      if source.starts(with: [0xFF, 0xD8, 0xFF]) {
        return try JPEGDecoder(name: name).picture(source, atMost: limit)
      }
      throw .unknownFormat(name: name)
    }
  }

  static func checkSize(width: Int, height: Int, name: String, atMost limit: Int) throws(PictureError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    if overflow || pixels > limit {
      throw .tooLarge(name: name, width: width, height: height, limit: limit)
    }
  }
}
