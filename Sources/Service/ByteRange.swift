/// What a Range header asks for of a file (RFC 9110, 14.1.2).
enum ByteRange: Equatable {
  /// All of it: there is no such header, or it is of a kind that a server may ignore, as several ranges are.
  case whole
  case part(Range<Int>)
  case unsatisfiable

  init(_ header: String?, of size: Int) {
    self = header.flatMap { Self.parse($0, size) } ?? .whole
  }

  /// Nil where it is none.
  private static func parse(_ header: String, _ size: Int) -> ByteRange? {
    guard header.lowercased().hasPrefix("bytes=") else { return nil }
    let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      return nil
    }
    if parts[0].isEmpty {
      guard !parts[1].isEmpty else { return nil }
      let count = min(number(parts[1]), size)
      return count == 0 ? .unsatisfiable : .part(size - count..<size)
    }
    let first = number(parts[0])
    let last = parts[1].isEmpty ? Int.max : number(parts[1])
    guard first <= last else { return nil }
    return first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
  }

  /// Of digits alone; one too large to be told counts as the largest.
  private static func number(_ digits: Substring) -> Int { Int(digits) ?? .max }
}
