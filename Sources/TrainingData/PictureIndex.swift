import Foundation
import Imaging

/// One picture of a `PictureSet`.
public struct PictureEntry: Sendable, Equatable, Codable {
  /// Relative to its folder; of a drawn picture, its name.
  public let path: String
  public let width, height: Int

  /// (height, width, 3), 8 bits each.
  var pixelBytes: Int { 3 * width * height }
}

/// What a data file says of its content. The file is, little-endian and in this order,
/// - a header of 128 bytes: "MKGPICS\n", the format's version, the index's offset and length, 8 bytes each,
///   the index's SHA-256 as 64 hexadecimal digits, zeros;
/// - for each picture its pixels (height, width, 3), then its `CropTable`, each filled up with zeros to a
///   multiple of 64 bytes;
/// - this index as JSON, with which the file ends.
struct PictureIndex: Codable, Equatable, Sendable {
  var origin: PictureOrigin
  var pictures: [PictureEntry]
  var skipped: [SkippedPicture]
  /// See `Fingerprint`.
  var fingerprint = String(repeating: "0", count: 64)
  /// SHA-256 over the tables of all pictures.
  var tablesHash = String(repeating: "0", count: 64)

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// Whether all sizes are such that they can be reckoned with.
  var isSound: Bool {
    pictures.count >= 2
      && pictures.allSatisfy { picture in
        let sides = CropDraw.side...Picture.maximumPixels
        return sides.contains(picture.width) && sides.contains(picture.height)
          && picture.width * picture.height <= Picture.maximumPixels
      }
  }

  /// Where one picture's content lies, as byte offsets from the file's start.
  struct Section: Sendable {
    let pixels, table: Range<Int>
  }

  /// Every picture's section, and where the last one ends.
  var layout: (sections: [Section], end: Int) {
    var end = FileHeader.size
    let sections = pictures.map { picture in
      let pixels = end..<end + picture.pixelBytes
      let start = Self.aligned(pixels.upperBound)
      let table = start..<start + CropTable.count(picture.width, picture.height) * MemoryLayout<UInt32>.stride
      end = Self.aligned(table.upperBound)
      return Section(pixels: pixels, table: table)
    }
    return (sections, end)
  }

  static func aligned(_ offset: Int) -> Int { (offset + 63) & ~63 }
}
