import CTurboJPEG
import Testing

/// JPEGs of any kind, made with TurboJPEG's own encoder.
enum JPEGFixture {
  /// - Parameter pixels: interleaved, as `format` says.
  static func encoded(
    _ pixels: [UInt8], width: Int, height: Int, format: TJPF = TJPF_RGB, subsampling: TJSAMP = TJSAMP_444,
    flags: Int32 = 0
  ) throws -> [UInt8] {
    try withCompressor { handle, buffer, count in
      tjCompress2(
        handle, pixels, Int32(width), 0, Int32(height), Int32(format.rawValue), &buffer, &count,
        Int32(subsampling.rawValue), 95, flags)
    }
  }

  /// Three full planes that are stored as they are.
  static func encoded(planes: [UInt8], width: Int, height: Int) throws -> [UInt8] {
    try withCompressor { handle, buffer, count in
      tjCompressFromYUV(
        handle, planes, Int32(width), 1, Int32(height), Int32(TJSAMP_444.rawValue), &buffer, &count, 95, 0)
    }
  }

  /// The file with a marker segment put behind SOI, and without its JFIF header if so wished.
  static func inserting(
    _ marker: UInt8, _ payload: [UInt8], in jpeg: [UInt8], droppingJFIF: Bool = false
  ) -> [UInt8] {
    let length = payload.count + 2
    let rest = jpeg.dropFirst(droppingJFIF ? 2 + 18 : 2)
    return [0xFF, 0xD8, 0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload + rest
  }

  private static func withCompressor(
    _ compress: (tjhandle, inout UnsafeMutablePointer<UInt8>?, inout UInt) -> Int32
  ) throws -> [UInt8] {
    let handle = try #require(tjInitCompress())
    defer { tjDestroy(handle) }
    var buffer: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    defer { tjFree(buffer) }
    try #require(compress(handle, &buffer, &count) == 0, "\(String(cString: tjGetErrorStr2(handle)))")
    return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(count)))
  }
}
