internal import CExif

/// What is wanted of EXIF data: how the camera was held.
enum EXIF {
  /// What precedes the TIFF structure in a JPEG segment, and what libexif expects.
  static let preamble = Array("Exif\0\0".utf8)
  /// TIFF 6.0, section 8: the tag of the orientation.
  private static let orientationTag = 0x0112

  /// The orientation, 1...8; nil where there is none or the block is broken, which costs a picture nothing.
  static func orientation(tiff: [UInt8]) -> Int? {
    guard let data = exif_data_new() else { return nil }
    defer { exif_data_unref(data) }
    // By default libexif repairs what it reads by adding and removing tags.
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION)
    let block = preamble + tiff
    exif_data_load_data(data, block, UInt32(block.count))
    guard
      let entry = exif_content_get_entry(data.pointee.ifd.0, EXIF_TAG_ORIENTATION),
      entry.pointee.format == EXIF_FORMAT_SHORT, entry.pointee.components == 1,
      entry.pointee.size >= 2, let value = entry.pointee.data
    else { return nil }
    let orientation = Int(exif_get_short(value, exif_data_get_byte_order(data)))
    return (1...8).contains(orientation) ? orientation : nil
  }

  /// The data with an orientation of 1 where they have one. In place, so that whatever else they hold, such as a maker's
  /// notes with offsets of their own, stays where it is (libexif would lay the data out anew).
  static func withOrientationReset(tiff: [UInt8]) -> [UInt8] {
    var copy = tiff
    guard let order = ByteOrder(tiff), let start = order.number(at: 4, bytes: 4, in: tiff),
      let count = order.number(at: start, bytes: 2, in: tiff)
    else { return tiff }
    for entry in stride(from: start + 2, to: start + 2 + 12 * count, by: 12) {
      guard order.number(at: entry, bytes: 2, in: tiff) == orientationTag else { continue }
      guard order.number(at: entry + 2, bytes: 2, in: tiff) == 3, entry + 12 <= tiff.count else { break }
      copy.replaceSubrange(entry + 8..<entry + 10, with: order == .little ? [1, 0] : [0, 1])
      break
    }
    return copy
  }

  /// The order of bytes in a TIFF structure.
  private enum ByteOrder {
    case little, big

    init?(_ tiff: [UInt8]) {
      if tiff.starts(with: [0x49, 0x49, 42, 0]) {
        self = .little
      } else if tiff.starts(with: [0x4D, 0x4D, 0, 42]) {
        self = .big
      } else {
        return nil
      }
    }

    func number(at offset: Int, bytes: Int, in tiff: [UInt8]) -> Int? {
      guard offset >= 0, offset + bytes <= tiff.count else { return nil }
      let digits = tiff[offset..<offset + bytes]
      return (self == .little ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
