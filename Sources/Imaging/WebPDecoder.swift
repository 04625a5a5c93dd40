internal import CWebP

/// Decodes a WebP with libwebp; of an animation the first frame.
final class WebPDecoder: PictureDecoder {
  static let format = "WebP"

  private let demuxer: OpaquePointer
  private let name: String
  private var frame = WebPIterator()

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    var data = WebPData(bytes: source.baseAddress, size: source.count)
    guard let demuxer = WebPDemuxInternal(&data, 0, nil, WEBP_DEMUX_ABI_VERSION) else {
      throw .damaged(name: name, format: Self.format, reason: "its parts are incomplete")
    }
    (self.demuxer, self.name) = (demuxer, name)
    guard WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else {
      throw .damaged(name: name, format: Self.format, reason: "it holds no image")
    }
  }

  deinit {
    WebPDemuxReleaseIterator(&frame)
    WebPDemuxDelete(demuxer)
  }

  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(width: Int(frame.width), height: Int(frame.height)), hasAlpha: frame.has_alpha != 0,
      workingBytes: 4)
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let (width, height) = (Int(frame.width), Int(frame.height))
    var pixels = [UInt8](repeating: 0, count: 4 * width * height)
    let done = WebPDecodeRGBAInto(
      frame.fragment.bytes, frame.fragment.size, &pixels, pixels.count, Int32(4 * width))
    if done == nil { throw .damaged(name: name, format: Self.format, reason: "its image data are damaged") }
    var rows = PictureRows<UInt8>(width: width, height: height)
    try pixels.withUnsafeBufferPointer { (pixels) throws(PictureError) in
      for row in 0..<height {
        try check()
        rows.store(
          UnsafeBufferPointer(rebasing: pixels[4 * row * width..<4 * (row + 1) * width]), row: row,
          columns: stride(from: 0, to: width, by: 1), hasAlpha: frame.has_alpha != 0)
      }
    }
    let transparency = rows.transparency { .bits8($0) }
    let exif = chunk("EXIF").map { $0.starts(with: EXIF.preamble) ? Array($0.dropFirst(6)) : $0 }
    return Picture(
      width: width, height: height, samples: .bits8(rows.samples),
      orientation: exif.flatMap { EXIF.orientation(tiff: $0) }, transparency: transparency,
      metadata: PictureMetadata(iccProfile: chunk("ICCP"), exif: exif),
      notes: (frame.num_frames > 1 ? ["the first frame of an animation was read"] : [])
        + (transparency == nil ? [] : [Picture.laidOnWhiteNote]))
  }

  private func chunk(_ type: String) -> [UInt8]? {
    var iterator = WebPChunkIterator()
    guard WebPDemuxGetChunk(demuxer, type, 1, &iterator) != 0 else { return nil }
    defer { WebPDemuxReleaseChunkIterator(&iterator) }
    return Array(UnsafeBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size))
  }
}
