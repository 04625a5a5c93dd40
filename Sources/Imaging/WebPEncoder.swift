/// Encodes a WebP of 8 bits, without loss where no quality is given. libwebp wants the whole picture at once, so that the bands
/// are kept until the last has come; WebP's own limit of 16,383 pixels a side bounds what that takes.
final class WebPEncoder: PictureEncoder {
  private let height: Int
  private let quality: Int?
  private let name: String
  private let bytes: EncodedBytes
  private var mosaic: PictureMosaic?
  private var rows = 0

  init(height: Int, quality: Int?, name: String, into bytes: EncodedBytes) {
    (self.height, self.quality, self.name, self.bytes) = (height, quality, name, bytes)
  }

  func append(_ band: Picture, check: () throws(PictureError) -> Void) throws(PictureError) {
    try check()
    let band = band.converted(toDeep: false)
    if mosaic == nil { mosaic = PictureMosaic(width: band.width, height: height, like: band) }
    mosaic?.place(band, top: rows, left: 0)
    rows += band.height
  }

  func finish(check: () throws(PictureError) -> Void) throws(PictureError) {
    guard let picture = mosaic?.picture else { return }
    mosaic = nil
    let file = try picture.encodeWebP(quality: quality, name: name, check: check)
    guard file.withUnsafeBytes({ bytes.take($0) }) else {
      throw .notEncoded(name: name, format: "WebP", reason: "its bytes could not be written")
    }
  }
}
