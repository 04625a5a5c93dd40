import Platform

/// Writes a picture file from bands of the picture's rows, so that the whole picture need not be in memory. The file appears
/// whole at `commit`, or not at all.
///
/// Owned by one thread at a time. Without `commit`, nothing is left behind.
package final class PictureWriter {
  private let file: AtomicFile
  private let format: PictureFormat
  private let options: EncodingOptions
  private let height: Int
  private let bytes: EncodedBytes
  private var encoder: (any PictureEncoder)?
  private var rows = 0

  /// - Parameter size: of the whole picture.
  /// - Throws: `PictureError.notEncoded` for a side that the format cannot hold; `FileError` where no file can be made.
  package init(
    _ path: String, as format: PictureFormat, _ options: EncodingOptions = EncodingOptions(),
    size: PictureSize
  ) throws {
    try format.check(size, name: path)
    let file = try AtomicFile(path)
    (self.file, self.format, self.options, height) = (file, format, options, size.height)
    bytes = EncodedBytes { try file.append($0) }
  }

  /// Takes the next rows: a band as wide as the picture. All bands are alike in depth, alpha and metadata.
  /// - Throws: `PictureError` where the format cannot hold them, `FileError` where they cannot be written.
  package func append(_ band: Picture) throws {
    precondition(rows + band.height <= height, "more rows than the picture has")
    do {
      let encoder =
        try self.encoder
        ?? format.encoder(of: EncodedShape(band, height: height), options, name: file.path, into: bytes)
      self.encoder = encoder
      try encoder.append(band, check: {})
    } catch { throw bytes.failure ?? error }
    rows += band.height
  }

  /// Ends the file after its last row; what is left is to put it in its place, which takes no time.
  /// - Throws: as `append`.
  package func finish() throws {
    precondition(rows == height, "a picture of \(height) rows ended after \(rows)")
    do { try encoder?.finish(check: {}) } catch { throw bytes.failure ?? error }
  }

  /// Puts the file in its place, once it is finished.
  /// - Throws: `FileError`.
  package func commit() throws {
    // Not synced: after a crash of the machine the picture can be made again.
    try file.commit(synced: false)
  }
}
