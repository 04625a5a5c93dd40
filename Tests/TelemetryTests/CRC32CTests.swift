import Telemetry
import Testing

struct CRC32CTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogues.
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 255, count: 32), 0x62a8_ab43),
      (Array(0..<32), 0x46dd_794e), (Array((0..<32).reversed()), 0x113f_db5c),
      (Array("123456789".utf8), 0xe306_9283), ([], 0),
    ] as [([UInt8], UInt32)])
  func `known sums`(bytes: [UInt8], sum: UInt32) {
    #expect(CRC32C.checksum(bytes) == sum)
  }

  /// The head of the first record of the event files that TensorFlow writes: the length 24 and its sum.
  @Test func `known masked sum`() {
    #expect(CRC32C.masked([24, 0, 0, 0, 0, 0, 0, 0]) == 0x224b_7fa3)
  }

  /// The library takes other ways by length and alignment.
  @Test func `equals the bitwise sum at every length and alignment`() {
    let bytes = (0..<1100).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
    for count in Array(0..<300) + [511, 512, 513, 1023, 1024, 1025] {
      for start in [0, 1, 7, 8, 15] {
        let part = bytes[start..<start + count]
        #expect(CRC32C.checksum(part) == naiveCRC32C(Array(part)), "\(count) bytes from \(start)")
      }
    }
  }
}
