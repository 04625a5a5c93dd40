import Checkpoints
import Foundation
import Platform

/// The first 128 bytes of a data file.
struct FileHeader: Equatable {
  static let size = 128
  /// To be raised whenever the file's layout, the sampling tables, decoding or the drawn pictures change, so
  /// that older files are built again.
  private static let version: UInt64 = 1
  private static let magic = Array("MKGPICS\n".utf8)

  var indexOffset: Int
  var indexLength: Int
  /// SHA-256 as 64 hexadecimal digits.
  var indexHash: [UInt8]

  func encoded() -> [UInt8] {
    let numbers = [Self.version, UInt64(indexOffset), UInt64(indexLength)]
    let bytes = Self.magic + numbers.flatMap(littleEndianBytes) + indexHash
    return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
  }

  /// Nil unless `bytes`, a whole file, begins with the header of a file of this version and this length.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.size else { return nil }
    func number(_ offset: Int) -> Int? {
      Int(exactly: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    guard let offset = number(16), let length = number(24), offset <= bytes.count, length <= bytes.count,
      offset + length == bytes.count
    else { return nil }
    (indexOffset, indexLength, indexHash) = (offset, length, Array(bytes[32..<96]))
    guard bytes.prefix(Self.size).elementsEqual(encoded()) else { return nil }
  }

  init(index: Data, at offset: Int) throws {
    (indexOffset, indexLength) = (offset, index.count)
    indexHash = Array(try SHA256.hex(of: index).utf8)
  }
}

/// The eight bytes of a number, lowest first.
func littleEndianBytes(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
