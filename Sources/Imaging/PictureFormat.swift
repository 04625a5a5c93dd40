internal import CTurboJPEG
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
  /// - Parameters:
  ///   - name: what errors call it.
  ///   - check: called before each row of a PNG, before and after a JPEG (25 megapixels take 0.2 s in libjpeg-turbo), and
  ///     for WebP as often as libwebp allows: every fraction of a second with loss, without loss after seconds of a large
  ///     picture. Throws `.cancelled` to stop.
  /// - Throws: `PictureError.notEncoded` for a side that the format cannot hold (JPEG 65,500 pixels, WebP 16,383).
  public func encode(
    as format: PictureFormat, _ options: EncodingOptions = EncodingOptions(), name: String = "picture",
    check: () throws(PictureError) -> Void = {}
  ) throws(PictureError) -> [UInt8] {
    precondition(options.quality.map { (1...100).contains($0) } ?? true, "qualities are 1 to 100")
    try check()
    switch format {
    case .png:
      return try converted(toDeep: options.isDeep ?? samples.isDeep).encodePNG(name: name, check: check)
    case .jpeg:
      let jpeg = try encodeJPEG(
        quality: options.quality ?? 95, sampling: isGrey ? TJSAMP_GRAY : TJSAMP_444, name: name)
      try check()
      return JPEGSegments(metadata).inserted(in: jpeg)
    case .webp: return try encodeWebP(quality: options.quality, name: name, check: check)
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
