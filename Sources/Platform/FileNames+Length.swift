extension FileName {
  /// Bytes of the longest name that Linux file systems take.
  package static let longest = 255

  /// A name that begins with `stem` and ends with `ending`; the stem is cut between characters where the whole would have
  /// more than `limit` bytes. Two long stems may give one name.
  package static func fitted(_ stem: String, ending: String = "", limit: Int = longest) -> String {
    var room = limit - encode(ending).count
    if encode(stem).count <= room { return stem + ending }
    var cut = String.UnicodeScalarView()
    for scalar in stem.unicodeScalars {
      room -= encode(String(scalar)).count
      if room < 0 { break }
      cut.append(scalar)
    }
    return String(cut) + ending
  }
}
