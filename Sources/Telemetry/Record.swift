/// TFRecord framing, which lets a reader find every whole record of a file that was cut anywhere.
enum Record {
  /// Length (8 bytes), its masked CRC32C, the data, their masked CRC32C; little-endian.
  static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
