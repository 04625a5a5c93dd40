import Imaging

/// How enlarged pictures are written.
package struct ResultFormat: Sendable, Equatable {
  package let format: PictureFormat
  package let options: EncodingOptions

  /// What `--format` takes.
  package static let names = ["png", "png8", "png16", "jpeg", "webp"]

  /// By a name that `--format` takes: png keeps the picture's depth, png8 and png16 set it.
  package init?(name: String, quality: Int? = nil) {
    let depths = ["png8": false, "png16": true]
    let isDeep = depths[name.lowercased()]
    guard let format = isDeep == nil ? PictureFormat(name: name) : .png else { return nil }
    self.init(format, EncodingOptions(quality: quality, isDeep: isDeep))
  }

  package init(_ format: PictureFormat, _ options: EncodingOptions = EncodingOptions()) {
    (self.format, self.options) = (format, options)
  }

  /// How names of results end, without the dot.
  package var ending: String { format.fileExtension }

  /// Writes the picture whole or not at all.
  /// - Throws: `PictureError` where the format cannot hold it, `FileError` where it cannot be written.
  package func write(_ picture: Picture, to path: String) throws {
    let writer = try writer(to: path, size: picture.size)
    try writer.append(picture)
    try writer.finish()
  }

  /// Takes a picture of that size band by band.
  /// - Throws: as `write`.
  package func writer(to path: String, size: PictureSize) throws -> PictureWriter {
    try PictureWriter(path, as: format, options, size: size)
  }
}
