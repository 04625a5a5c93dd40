internal import CWebP

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

  func append(_ band: Picture) {
    let band = band.converted(toDeep: false)
    if mosaic == nil { mosaic = PictureMosaic(width: band.width, height: height, like: band) }
    mosaic?.place(band, top: rows, left: 0)
    rows += band.height
  }

  func finish() throws(PictureError) {
    guard let picture = mosaic?.picture else { return }
    mosaic = nil
    let file = try picture.encodeWebP(quality: quality, name: name)
    guard file.withUnsafeBytes({ bytes.take($0) }) else {
      throw .notEncoded(name: name, format: "WebP", reason: "its bytes could not be written")
    }
  }
}

extension Picture {
  fileprivate func encodeWebP(quality: Int?, name: String) throws(PictureError) -> [UInt8] {
    var output: UnsafeMutablePointer<UInt8>?
    let pixels = rgba8
    let (w, h, stride) = (Int32(width), Int32(height), Int32(4 * width))
    let count =
      if let quality { WebPEncodeRGBA(pixels, w, h, stride, Float(quality), &output) } else {
        WebPEncodeLosslessRGBA(pixels, w, h, stride, &output)
      }
    defer { WebPFree(output) }
    guard count > 0, let output else {
      throw .notEncoded(name: name, format: "WebP", reason: "libwebp failed, probably out of memory")
    }
    let plain = [UInt8](UnsafeBufferPointer(start: output, count: count))
    guard metadata.iccProfile != nil || metadata.exif != nil else { return plain }
    guard let whole = metadata.muxed(plain) else {
      throw .notEncoded(name: name, format: "WebP", reason: "libwebp cannot add its profile or EXIF data")
    }
    return whole
  }

  /// (height, width, 4), 8 bits.
  private var rgba8: [UInt8] {
    guard case .bits8(let colours) = transparency?.colours ?? samples else { return [] }
    var cover: [UInt8]?
    if case .bits8(let alpha) = alpha { cover = alpha }
    return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { buffer, count in
      for pixel in 0..<width * height {
        for channel in 0..<3 { buffer[4 * pixel + channel] = colours[3 * pixel + channel] }
        buffer[4 * pixel + 3] = cover?[pixel] ?? 255
      }
      count = buffer.count
    }
  }
}

extension PictureMetadata {
  /// A WebP file with profile and EXIF data beside its image; nil where libwebp refuses.
  fileprivate func muxed(_ webp: [UInt8]) -> [UInt8]? {
    webp.withUnsafeBufferPointer { image in
      var data = WebPData(bytes: image.baseAddress, size: image.count)
      guard let mux = WebPMuxCreateInternal(&data, 1, WEBP_MUX_ABI_VERSION) else { return nil }
      defer { WebPMuxDelete(mux) }
      for (type, content) in [("ICCP", iccProfile), ("EXIF", exif)] {
        guard let content, !content.isEmpty else { continue }
        let code = content.withUnsafeBufferPointer { content in
          var chunk = WebPData(bytes: content.baseAddress, size: content.count)
          return WebPMuxSetChunk(mux, type, &chunk, 1)
        }
        if code != WEBP_MUX_OK { return nil }
      }
      var whole = WebPData()
      guard WebPMuxAssemble(mux, &whole) == WEBP_MUX_OK else { return nil }
      defer { WebPDataClear(&whole) }
      return [UInt8](UnsafeBufferPointer(start: whole.bytes, count: whole.size))
    }
  }
}
