import Foundation

/// File names as strings. Linux allows any bytes but "/" and zero; names from old systems are often Latin-1 or Shift-JIS.
/// A name that is UTF-8 is the string it says. Bytes that are not UTF-8 become one code point each of a private-use
/// block, U+10F700 + byte, and become those bytes again when the name is used: any name makes the round trip.
/// (Python's "surrogateescape" does the same with code points that Swift strings cannot hold.)
package enum FileName {
  /// U+10F700 ... U+10F7FF stand for bytes.
  private static let escapes: ClosedRange<UInt32> = 0x10F700...0x10F7FF

  /// The string for a name as the system has it.
  package static func decode(_ bytes: some Collection<UInt8>) -> String {
    let whole = String(decoding: bytes, as: UTF8.self)
    // Repairing puts U+FFFD where a byte was wrong, so equal bytes mean that nothing was.
    if whole.utf8.elementsEqual(bytes), !whole.unicodeScalars.contains(where: isEscape) { return whole }
    var result = String.UnicodeScalarView()
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let candidate = rest.prefix(length)
      let text = String(decoding: candidate, as: UTF8.self)
      if candidate.count == length, text.utf8.elementsEqual(candidate), text.unicodeScalars.count == 1,
        let scalar = text.unicodeScalars.first, !isEscape(scalar)
      {
        result.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        result.append(escape(first))
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }

  /// The bytes of a name, as the system takes them, without the zero at the end.
  package static func encode(_ name: String) -> [UInt8] {
    guard name.unicodeScalars.contains(where: isEscape) else { return Array(name.utf8) }
    return name.unicodeScalars.flatMap { scalar in
      isEscape(scalar) ? [UInt8(scalar.value - escapes.lowerBound)] : Array(String(scalar).utf8)
    }
  }

  /// Calls `body` with the name as C functions take it.
  package static func withPath<Result, Failure: Error>(
    _ name: String, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = encode(name).map { CChar(bitPattern: $0) } + [0]
    // The buffer is not empty, so it has an address.
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    defer { copy.deallocate() }
    copy.update(from: bytes, count: bytes.count)
    return try body(copy)
  }

  /// For people: bytes that are not UTF-8, control characters and those that change the direction of writing, as \x or \u
  /// sequences.
  package static func shown(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      if isEscape(scalar) {
        text += "\\x" + String(scalar.value - escapes.lowerBound, radix: 16, uppercase: true)
      } else if isUnsafeOnTerminals(scalar) {
        text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    // Always valid: the block lies within plane 16.
    Unicode.Scalar(escapes.lowerBound + UInt32(byte)) ?? "\u{FFFD}"
  }

  private static func isEscape(_ scalar: Unicode.Scalar) -> Bool { escapes.contains(scalar.value) }

  /// Control characters, line and paragraph separators, and format characters such as U+202E.
  private static func isUnsafeOnTerminals(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

/// A path as a key: two paths are equal where their bytes are. (Swift's strings are equal where they look equal: "é" in one
/// code point and "e" with an accent are one string and two files.)
package struct PathKey: Hashable, Sendable {
  private let bytes: [UInt8]

  package init(_ path: String) { bytes = FileName.encode(path) }
}

/// The command line's arguments, of any bytes, the program's name left out.
package func commandLineArguments() -> [String] {
  (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
    CommandLine.unsafeArgv[index].map { text in
      FileName.decode(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
  }
}
