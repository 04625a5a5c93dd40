internal import CExif

/// The one thing wanted of EXIF data: how the camera was held.
enum EXIF {
  /// What precedes the TIFF structure in a JPEG segment, and what libexif expects.
  static let preamble = Array("Exif\0\0".utf8)

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
}
