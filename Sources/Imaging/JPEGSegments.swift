/// The segments that carry a picture's metadata in a JPEG.
struct JPEGSegments {
  private let metadata: PictureMetadata

  /// The most that a segment holds beside its two bytes of length.
  private static let mostBytes = 65_533
  private static let profilePreamble = Array("ICC_PROFILE\0".utf8)

  init(_ metadata: PictureMetadata) { self.metadata = metadata }

  /// The file with the segments behind its JFIF segment, and the density in that. EXIF data beyond 64 KiB and profiles
  /// beyond 16 MiB, which JPEG cannot hold, are left out.
  /// - Parameter jpeg: as libjpeg writes it: SOI, then a JFIF segment of 18 bytes.
  func inserted(in jpeg: [UInt8]) -> [UInt8] {
    let jfif = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF\0".utf8)
    guard jpeg.starts(with: jfif) else { return jpeg }
    var head = Array(jpeg.prefix(20))
    if let density = metadata.density {
      let (inches, aspect) = (density.perInch, (UInt16(clamping: density.x), UInt16(clamping: density.y)))
      head[13] = inches == nil ? 0 : 1
      head.replaceSubrange(14..<18, with: Self.bytes((inches ?? aspect).0) + Self.bytes((inches ?? aspect).1))
    }
    return head + exif + profile + jpeg.dropFirst(20)
  }

  private var exif: [UInt8] {
    guard let exif = metadata.exif, EXIF.preamble.count + exif.count <= Self.mostBytes else { return [] }
    return Self.segment(0xE1, EXIF.preamble + exif)
  }

  /// In numbered parts (ICC.1:2022, B.4).
  private var profile: [UInt8] {
    guard let profile = metadata.iccProfile, !profile.isEmpty else { return [] }
    let room = Self.mostBytes - Self.profilePreamble.count - 2
    let count = (profile.count + room - 1) / room
    guard count <= 255 else { return [] }
    return (0..<count).flatMap { part in
      let content = profile[part * room..<min((part + 1) * room, profile.count)]
      return Self.segment(0xE2, Self.profilePreamble + [UInt8(part + 1), UInt8(count)] + content)
    }
  }

  private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    [0xFF, marker] + bytes(UInt16(content.count + 2)) + content
  }

  private static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
