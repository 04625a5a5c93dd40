/// The metadata segments before a JPEG's first scan (ITU-T T.81, B.1.1), which TurboJPEG does not hand out.
struct JPEGMarkers {
  /// The TIFF structure of the first EXIF segment.
  private(set) var exif: [UInt8]?
  private var profileParts: [Int: ArraySlice<UInt8>] = [:]
  private var profilePartCount = 0

  init(_ source: UnsafeBufferPointer<UInt8>) {
    var position = 2
    while position + 4 <= source.count {
      let marker = source[position + 1]
      if source[position] != 0xFF || marker == 0xFF || marker == 0 {  // a stray or a fill byte
        position += 1
        continue
      }
      let end = position + 2 + Int(source[position + 2]) << 8 + Int(source[position + 3])
      if marker == 0xDA || end < position + 4 || end > source.count { return }
      take(marker, [UInt8](source[(position + 4)..<end]))
      position = end
    }
  }

  /// Joins the parts that a profile above 64 KB is cut into (ICC.1:2022, B.4); nil unless all are there.
  var iccProfile: [UInt8]? {
    if profilePartCount == 0 { return nil }
    var profile: [UInt8] = []
    for part in 1...profilePartCount {
      guard let bytes = profileParts[part] else { return nil }
      profile += bytes
    }
    return profile
  }

  private mutating func take(_ marker: UInt8, _ payload: [UInt8]) {
    if marker == 0xE1 && exif == nil && payload.starts(with: EXIF.preamble) {
      exif = Array(payload.dropFirst(EXIF.preamble.count))
    }
    let preamble = Array("ICC_PROFILE\0".utf8)
    if marker == 0xE2 && payload.count > preamble.count + 2 && payload.starts(with: preamble) {
      profileParts[Int(payload[preamble.count])] = payload[(preamble.count + 2)...]
      profilePartCount = Int(payload[preamble.count + 1])
    }
  }
}
