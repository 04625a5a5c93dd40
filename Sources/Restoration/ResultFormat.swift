import Imaging
import Platform

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

  /// A picture as a file holds it.
  package struct File: Sendable {
    package let path: String
    private let bytes: [UInt8]

    /// - Throws: `PictureError` where the format cannot hold the picture; what `check` throws, which is called as
    ///   `Picture.encode` says.
    package init(
      _ picture: Picture, as result: ResultFormat, path: String, check: () throws(PictureError) -> Void = {}
    ) throws(PictureError) {
      self.path = path
      bytes = try picture.encode(as: result.format, result.options, name: path, check: check)
    }

    /// Writes the file whole or not at all.
    /// - Throws: `FileError`.
    package func write() throws { try writeAtomically(bytes, to: path, synced: false) }
  }
}
