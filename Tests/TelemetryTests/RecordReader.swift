import Foundation

/// An event file's records, read by the TFRecord format's description alone.
struct RecordReader {
  /// The data of the whole records at the file's beginning.
  private(set) var records: [[UInt8]] = []
  /// How many bytes they take.
  private(set) var wholeBytes = 0

  init(_ file: [UInt8]) {
    while let record = Self.record(file[wholeBytes...]) {
      records.append(record)
      wholeBytes += record.count + 16
    }
  }

  private static func record(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    let start = bytes.startIndex
    guard bytes.count >= 16, let count = Int(exactly: number(bytes, at: start, count: 8)),
      bytes.count >= count + 16
    else { return nil }
    let data = Array(bytes[start + 12..<start + 12 + count])
    let sums = (number(bytes, at: start + 8, count: 4), number(bytes, at: start + 12 + count, count: 4))
    guard sums.0 == masked(Array(bytes.prefix(8))), sums.1 == masked(data) else { return nil }
    return data
  }

  private static func number(_ bytes: ArraySlice<UInt8>, at start: Int, count: Int) -> UInt64 {
    bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func masked(_ bytes: [UInt8]) -> UInt64 {
    let checksum = naiveCRC32C(bytes)
    return UInt64((checksum >> 15 | checksum << 17) &+ 0xa282_ead8)
  }
}

/// CRC-32C bit by bit.
func naiveCRC32C(_ bytes: [UInt8]) -> UInt32 {
  var sum = UInt32.max
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0x82f6_3b78 : 0) }
  }
  return ~sum
}

extension RecordReader {
  init(path: String) throws { self.init(Array(try Data(contentsOf: URL(filePath: path)))) }
}
