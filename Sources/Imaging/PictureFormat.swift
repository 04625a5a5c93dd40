internal import CTurboJPEG
internal import CWebP
import Platform

/// A format that pictures are written in.
public enum PictureFormat: String, CaseIterable, Sendable {
  case png, jpeg, webp

  /// By a name as `--format` takes it: png, jpeg, jpg or webp, in any case; nil for others.
  public init?(name: String) {
    let name = name.lowercased()
    self.init(rawValue: name == "jpg" ? "jpeg" : name)
  }

  /// By a file name's extension.
  public init?(fileName: String) {
    guard let dot = fileName.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    self.init(name: String(fileName[fileName.utf8.index(after: dot)...]))
  }

  /// Without the dot.
  public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
  /// As HTTP names it.
  public var mediaType: String { "image/\(rawValue)" }
}

/// How a picture is written.
public struct EncodingOptions: Sendable, Equatable {
  /// 1 to 100. JPEG: 95 where nil. WebP: lossless where nil. PNG has none.
  public var quality: Int?
  /// 16 bits a sample, or 8; the picture's own depth where nil. Only PNG has 16.
  public var isDeep: Bool?

  public init(quality: Int? = nil, isDeep: Bool? = nil) { (self.quality, self.isDeep) = (quality, isDeep) }
}

extension Picture {
  /// The bytes of a file of this picture.
  ///
  /// PNG and WebP hold alpha; JPEG gets the colours laid on white. PNG holds all metadata; JPEG the profile, EXIF data and
  /// density; WebP the profile and EXIF data. JPEG has its colours at full resolution, grey as grey.
  /// - Parameter name: what errors call it.
  /// - Throws: `PictureError.notEncoded` for a side that the format cannot hold (JPEG 65,500 pixels, WebP 16,383).
  public func encode(
    as format: PictureFormat, _ options: EncodingOptions = EncodingOptions(), name: String = "picture"
  ) throws(PictureError) -> [UInt8] {
    precondition(options.quality.map { (1...100).contains($0) } ?? true, "qualities are 1 to 100")
    switch format {
    case .png: return try converted(toDeep: options.isDeep ?? samples.isDeep).encodePNG(name: name)
    case .jpeg:
      let jpeg = try encodeJPEG(
        quality: options.quality ?? 95, sampling: isGrey ? TJSAMP_GRAY : TJSAMP_444, name: name)
      return JPEGSegments(metadata).inserted(in: jpeg)
    case .webp: return try encodeWebP(quality: options.quality, name: name)
    }
  }

  /// Encodes the picture and writes it; the file appears whole or not at all.
  public func write(
    _ path: String, as format: PictureFormat, _ options: EncodingOptions = EncodingOptions()
  ) throws(PictureError) {
    try PictureFile.write(encode(as: format, options, name: path), to: path)
  }

  /// The picture at 16 or 8 bits a sample, those of 16 rounded.
  public func converted(toDeep isDeep: Bool) -> Picture {
    if samples.isDeep == isDeep { return self }
    return Picture(
      like: self, width: width, height: height, samples: samples.converted(toDeep: isDeep),
      transparency: transparency.map { $0.rearranged { samples, _ in samples.converted(toDeep: isDeep) } })
  }
}

extension Picture.Samples {
  /// 65535 / 255 = 257.
  fileprivate func converted(toDeep isDeep: Bool) -> Picture.Samples {
    switch (self, isDeep) {
    case (.bits8(let samples), true): .bits16(samples.map { 257 * UInt16($0) })
    case (.bits16(let samples), false): .bits8(samples.map { UInt8((Int($0) + 128) / 257) })
    default: self
    }
  }
}

extension Picture {
  fileprivate func encodeWebP(quality: Int?, name: String) throws(PictureError) -> [UInt8] {
    let picture = converted(toDeep: false)
    var output: UnsafeMutablePointer<UInt8>?
    let pixels = picture.rgba8
    let (w, h, stride) = (Int32(width), Int32(height), Int32(4 * width))
    let count =
      if let quality { WebPEncodeRGBA(pixels, w, h, stride, Float(quality), &output) } else {
        WebPEncodeLosslessRGBA(pixels, w, h, stride, &output)
      }
    defer { WebPFree(output) }
    guard count > 0, let output else {
      let reason =
        max(width, height) > Int(WEBP_MAX_DIMENSION)
        ? "a side may have \(WEBP_MAX_DIMENSION) pixels at most" : "libwebp failed, probably out of memory"
      throw .notEncoded(name: name, format: "WebP", reason: reason)
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
