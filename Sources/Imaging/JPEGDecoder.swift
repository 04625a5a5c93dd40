internal import CTurboJPEG

/// Owns a TurboJPEG decompressor and decodes one JPEG with it.
final class JPEGDecoder {
  private let handle: tjhandle
  private let name: String

  init(name: String) throws(PictureError) {
    guard let handle = tjInitDecompress() else { throw .outOfMemory(name: name) }
    self.handle = handle
    self.name = name
  }

  deinit { tjDestroy(handle) }

  func picture(_ source: UnsafeBufferPointer<UInt8>, atMost limit: Int) throws(PictureError) -> Picture {
    let (width, height, colours) = try header(source)
    try Picture.checkSize(width: width, height: height, name: name, atMost: limit)
    if colours == TJCS_CMYK || colours == TJCS_YCCK { throw .unsupported(name: name, what: "CMYK JPEG") }
    let samples = try decode(source, width: width, height: height)
    let markers = JPEGMarkers(source)
    return Picture(
      width: width, height: height, samples: .bits8(samples), isGrey: colours == TJCS_GRAY,
      orientation: markers.exif.flatMap { EXIF.orientation(tiff: $0) }, iccProfile: markers.iccProfile)
  }

  private func header(
    _ source: UnsafeBufferPointer<UInt8>
  ) throws(PictureError) -> (width: Int, height: Int, TJCS) {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colours: Int32 = -1
    let status = tjDecompressHeader3(
      handle, source.baseAddress, UInt(source.count), &width, &height, &subsampling, &colours)
    // It fails on subsampling it has no name for, with the rest filled in, which decoding does not mind;
    // and it succeeds on a file of nothing but tables, with nothing filled in.
    if width < 1 || height < 1 || colours < 0 {
      try check(status)
      throw .damaged(name: name, format: "JPEG", reason: "it holds no image")
    }
    return (Int(width), Int(height), TJCS(UInt32(colours)))
  }

  /// Grey comes out three times; a warning stops the decoder, since it means lost data; the scans of a
  /// progressive file are limited, since a small file of empty ones keeps a decoder busy for minutes.
  private func decode(
    _ source: UnsafeBufferPointer<UInt8>, width: Int, height: Int
  ) throws(PictureError) -> [UInt8] {
    var samples = [UInt8](repeating: 0, count: 3 * width * height)
    try check(
      tjDecompress2(
        handle, source.baseAddress, UInt(source.count), &samples, Int32(width), 0, Int32(height),
        Int32(TJPF_RGB.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS))
    return samples
  }

  private func check(_ status: Int32) throws(PictureError) {
    if status == 0 { return }
    throw .damaged(name: name, format: "JPEG", reason: String(cString: tjGetErrorStr2(handle)))
  }
}
