import Foundation

/// Finds the first file in a form (RFC 7578, RFC 2046 5.1). Nothing is copied, headers and parts are bounded, and nested
/// forms are not read. (No Swift library for this could be had where this is built.)
enum Multipart {
  private static let mostParts = 32
  private static let longestHeader = 8 << 10

  /// The boundary in a Content-Type header; nil where there is none of 1 to 70 characters.
  static func boundary(in header: String) -> String? {
    for parameter in header.split(separator: ";").dropFirst() {
      let pair = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
      let isQuoted = pair[1].count >= 2 && pair[1].hasPrefix("\"") && pair[1].hasSuffix("\"")
      let value = isQuoted ? String(pair[1].dropFirst().dropLast()) : pair[1]
      let isValid =
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && (1...70).contains(value.utf8.count)
      return isValid ? value : nil
    }
    return nil
  }

  /// Where the content of the first part with a file name lies.
  /// - Throws: `Problem` 400, 415, 422.
  static func firstFile(in bytes: [UInt8], boundary: String) throws(Problem) -> Range<Int> {
    let delimiter = Array("\r\n--\(boundary)".utf8)
    // The first delimiter may stand at the very start, without its line break.
    let isAtStart = bytes.starts(with: delimiter.dropFirst(2))
    guard var place = isAtStart ? delimiter.count - 2 : end(of: delimiter, in: bytes, from: 0) else {
      throw broken
    }
    for _ in 0..<mostParts {
      if bytes[place...].starts(with: Array("--".utf8)) {
        throw Problem(422, "no part of the form is a file; send the picture as a file, with a file name")
      }
      guard let head = end(of: Array("\r\n".utf8), in: bytes, from: place),
        let body = headerEnd(in: bytes, from: head), let next = end(of: delimiter, in: bytes, from: body - 2)
      else { throw broken }
      if try isFile(bytes[head..<body]) { return body..<max(next - delimiter.count, body) }
      place = next
    }
    throw Problem(422, "none of the form's first \(mostParts) parts is a file; send the picture first")
  }

  private static var broken: Problem {
    Problem(
      400,
      "the form ends in the middle of a part, or its boundary is not the one in Content-Type; send it again")
  }

  /// Behind the empty line that ends a part's header; a part without a header begins with it.
  private static func headerEnd(in bytes: [UInt8], from start: Int) -> Int? {
    if bytes[start...].starts(with: [13, 10]) { return start + 2 }
    let limit = min(start + longestHeader, bytes.count)
    return end(of: Array("\r\n\r\n".utf8), in: bytes, from: start, to: limit)
  }

  private static func isFile(_ header: ArraySlice<UInt8>) throws(Problem) -> Bool {
    let lines = String(decoding: header, as: UTF8.self).components(separatedBy: "\r\n").map {
      $0.lowercased()
    }
    guard lines.contains(where: { $0.hasPrefix("content-disposition:") && $0.contains("filename") }) else {
      return false
    }
    let encoding = lines.first { $0.hasPrefix("content-transfer-encoding:") }
    guard encoding.map({ $0.hasSuffix("binary") || $0.hasSuffix("8bit") }) ?? true else {
      throw Problem(415, "the form's file has a Content-Transfer-Encoding; send its bytes as they are")
    }
    return true
  }

  /// Behind the first occurrence of `pattern`, which begins with a carriage return: those are rare in pictures.
  private static func end(of pattern: [UInt8], in bytes: [UInt8], from start: Int, to limit: Int? = nil)
    -> Int?
  {
    bytes.withUnsafeBytes { bytes in
      var place = start
      let limit = limit ?? bytes.count
      while place + pattern.count <= limit, let base = bytes.baseAddress {
        guard let found = memchr(base + place, Int32(pattern[0]), limit - place) else { return nil }
        place = UnsafeRawPointer(found) - base
        guard place + pattern.count <= limit else { return nil }
        if memcmp(base + place, pattern, pattern.count) == 0 { return place + pattern.count }
        place += 1
      }
      return nil
    }
  }
}
