/// The chunks of a PNG that matter to a picture (PNG, Third Edition, 5 and 11). Text, thumbnails and animation are left out
/// before libspng sees them: it would hold all of their content in memory, inflated, and refuses the file where that
/// is more than a limit.
struct PNGChunks {
  /// The content of cICP, which libspng does not know.
  private(set) var codePoints: [UInt8]?
  /// Parts of the file to decode; one where nothing is left out.
  private(set) var kept: [Range<Int>] = []

  /// Beside the critical ones, whose names begin with a capital letter.
  private static let wanted = Set(
    ["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "pHYs", "eXIf"].map { Array($0.utf8) })

  /// Where a chunk reaches beyond the file, the rest is kept, for libspng to judge.
  init(_ source: UnsafeBufferPointer<UInt8>) {
    var position = 8
    var start = 0
    while position + 12 <= source.count {
      let length = source[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = position + 12 + length
      if end > source.count { break }
      let type = Array(source[position + 4..<position + 8])
      if type == Array("cICP".utf8) && length == 4 {
        codePoints = Array(source[position + 8..<position + 12])
      }
      if type[0] & 0x20 != 0 && !Self.wanted.contains(type) {
        if start < position { kept.append(start..<position) }
        start = end
      }
      position = end
    }
    if start < source.count { kept.append(start..<source.count) }
  }
}
