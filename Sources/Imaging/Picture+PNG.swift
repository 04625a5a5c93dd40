internal import CSPNG
import Foundation
import Platform

extension Picture {
  /// Writes a PNG of the picture's own depth, grey where the picture is, with its ICC profile. The file
  /// appears whole or not at all: it is written beside its place and then renamed.
  public func writePNG(_ path: String) throws(PictureError) {
    let png = try encodePNG(name: path)
    do {
      try Data(png).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .unwritable(name: path, reason: Self.reason(error))
    }
  }

  /// The bytes of the file that `writePNG` writes.
  public func encodePNG(name: String = "picture") throws(PictureError) -> [UInt8] {
    // libspng keeps a pointer to the profile until the picture is encoded.
    var profile = iccProfile ?? []
    return try profile.withUnsafeMutableBufferPointer { (profile) throws(PictureError) in
      let context = try SPNGContext(.encoding, name: name)
      try context.check(spng_set_option(context.pointer, SPNG_ENCODE_TO_BUFFER, 1))
      try setHeader(profile, context)
      switch samples {
      case .bits8(let samples): try encodeRows(samples, context)
      case .bits16(let samples): try encodeRows(samples, context)
      }
      return try Self.takeBuffer(context)
    }
  }

  private func setHeader(
    _ profile: UnsafeMutableBufferPointer<UInt8>, _ context: SPNGContext
  ) throws(PictureError) {
    var header = spng_ihdr(
      width: UInt32(width), height: UInt32(height), bit_depth: maximum > 255 ? 16 : 8,
      color_type: UInt8((isGrey ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR).rawValue),
      compression_method: 0, filter_method: 0, interlace_method: 0)
    try context.check(spng_set_ihdr(context.pointer, &header))
    if profile.isEmpty { return }
    var block = spng_iccp()
    block.profile_name.0 = CChar(bitPattern: UInt8(ascii: "i"))  // a name is demanded, nobody reads it
    block.profile = UnsafeMutableRawPointer(profile.baseAddress)?.assumingMemoryBound(to: CChar.self)
    block.profile_len = profile.count
    try context.check(spng_set_iccp(context.pointer, &block))
  }

  private func encodeRows<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ context: SPNGContext
  ) throws(PictureError) {
    let flags = SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue
    try context.check(spng_encode_image(context.pointer, nil, 0, Int32(SPNG_FMT_PNG.rawValue), Int32(flags)))
    let step = isGrey ? 3 : 1
    for row in 0..<height {
      let start = row * width * 3
      let line = stride(from: start, to: start + width * 3, by: step).map { samples[$0] }
      try context.checkRow(
        spng_encode_row(context.pointer, line, line.count * MemoryLayout<Sample>.stride))
    }
  }

  private static func takeBuffer(_ context: SPNGContext) throws(PictureError) -> [UInt8] {
    var count = 0
    var code: Int32 = 0
    let buffer = spng_get_png_buffer(context.pointer, &count, &code)
    defer { free(buffer) }
    try context.check(code)
    return [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
  }

  /// The system's own words where Foundation wraps them.
  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    guard let cause = underlying as? POSIXError else { return error.localizedDescription }
    return systemText(cause.code.rawValue)
  }
}
