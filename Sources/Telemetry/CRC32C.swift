internal import CISAL

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), by ISA-L, which uses the processor's CRC instruction where it has one.
package enum CRC32C {
  package static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
    bytes.withContiguousStorageIfAvailable { checksum(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { checksum($0) }
  }

  /// The checksum as TFRecord files store it: rotated and moved, so that a checksum of data that hold their own
  /// checksum is not degenerate.
  package static func masked(_ bytes: some Collection<UInt8>) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  /// ISA-L leaves the two inversions to its caller, and only reads.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress else { return 0 }
    let data = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
    return ~crc32_iscsi(data, Int32(bytes.count), .max)
  }
}
