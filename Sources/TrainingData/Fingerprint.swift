import Checkpoints
import Foundation
import Platform

/// What a data set is known by: the SHA-256 over the number of pictures and then, for each in its order, the
/// length of its path, the path's bytes (UTF-8), its width, its height, and its pixels (height, width, 3).
/// Numbers take eight bytes, little-endian. Neither the folders' place nor file times nor what was skipped
/// has a part in it.
struct Fingerprint {
  private let hash: SHA256

  init(pictures: Int) throws {
    hash = try SHA256()
    try add(pictures)
  }

  func add(_ picture: PictureEntry, pixels: UnsafeRawBufferPointer) throws {
    try begin(picture)
    try append(pixels)
  }

  /// All of a picture but its pixels, which follow.
  func begin(_ picture: PictureEntry) throws {
    let path = Array(picture.path.utf8)
    try add(path.count)
    try hash.update(path)
    try add(picture.width)
    try add(picture.height)
  }

  /// Some of the pixels of the picture last begun.
  func append(_ pixels: UnsafeRawBufferPointer) throws { try hash.update(pixels) }

  /// 64 hexadecimal digits.
  func finish() throws -> String { try hash.finish() }

  private func add(_ number: Int) throws { try hash.update(littleEndianBytes(UInt64(number))) }
}
