extension Picture {
  /// Writes a PNG of the picture's own depth, grey where the picture is, with its alpha and metadata. The file appears whole
  /// or not at all: it is written beside its place and then renamed.
  public func writePNG(_ path: String) throws(PictureError) { try write(path, as: .png) }

  /// The bytes of the file that `writePNG` writes.
  /// - Parameter check: called before each row; throws `.cancelled` to stop.
  public func encodePNG(
    name: String = "picture", check: () throws(PictureError) -> Void = {}
  ) throws(PictureError) -> [UInt8] {
    try encode(as: .png, name: name, check: check)
  }
}
