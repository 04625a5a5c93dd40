extension Picture {
  /// The largest picture that is decoded, checked from the header before any sample is allocated.
  public static let maximumPixels = 100_000_000

  /// Extensions, in lower case and without the dot, of the files that `read` takes; for picking pictures out of a folder.
  public static let readableExtensions: Set<String> = [
    "png", "jpg", "jpeg", "jpe", "jfif", "tif", "tiff", "webp", "avif", "heic", "heif", "bmp", "dib", "gif",
  ]

  /// Reads a picture file: PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP or GIF, told apart by content and not by name.
  ///
  /// Samples stay as stored, 1, 2 and 4 bits scaled to 8, other depths above 8 to 16, and palettes looked up. Transparent
  /// places are laid on white in `samples`, with a note; `transparency` has what was stored. JPEG is decoded with
  /// the accurate DCT; lost data count as damage, and what a decoder passes over without loss becomes a note. Of files
  /// with several pictures the first is read.
  /// - Parameters:
  ///   - path: `-` or /dev/stdin for standard input.
  ///   - pipes: whether a named pipe is read, too; otherwise it is refused, so that none in a folder is waited for.
  public static func read(_ path: String, pipes: Bool = false) throws(PictureError) -> Picture {
    try decode(PictureFile.contents(of: path, pipes: pipes), name: path)
  }

  /// Decodes a picture file held in memory.
  /// - Parameters:
  ///   - name: what errors call it.
  ///   - limit: how many pixels it may have, counted as `PictureSize.workedPixels`; memory is limited in proportion.
  ///   - check: called before each row; throws `.cancelled` to stop. Libraries that decode WebP (25 megapixels in about half
  ///     a second), HEIC, AVIF and TIFFs of rarer kinds (up to a few seconds) in one call are not interrupted.
  public static func decode(
    _ bytes: [UInt8], name: String, atMost limit: Int = maximumPixels,
    check: () throws(PictureError) -> Void = {}
  ) throws(PictureError) -> Picture {
    if bytes.isEmpty { throw .empty(name: name) }
    return try bytes.withUnsafeBufferPointer { (source) throws(PictureError) in
      guard let type = FileSignature.decoder(of: source) else {
        guard let (what, advice) = FileSignature.foreign(source) else { throw .unknownFormat(name: name) }
        throw .foreign(name: name, what: what, advice: advice)
      }
      let decoder = try type.init(source, name: name)
      try decoder.layout.check(name: name, format: type.format, atMost: limit)
      try check()
      return try decoder.picture(check: check)
    }
  }
}
