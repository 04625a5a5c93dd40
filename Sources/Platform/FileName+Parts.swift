import Foundation

/// Parts of paths, of any bytes. They are told apart by their bytes: in Swift's strings "/" and a combining accent after it
/// are one character.
extension FileName {
  private static let slash = UInt8(ascii: "/"), dot = UInt8(ascii: ".")

  /// What follows the last "/": the name in its folder.
  package static func last(_ path: String) -> String {
    String(path.utf8.suffix(while: { $0 != slash })) ?? path
  }

  /// The path of the folder that holds `path`, "." for a bare name.
  package static func folder(of path: String) -> String {
    guard let cut = path.utf8.lastIndex(of: slash) else { return "." }
    return cut == path.utf8.startIndex ? "/" : String(path.utf8[..<cut]) ?? "."
  }

  /// The name in its folder without its ending; a leading dot begins no ending.
  package static func stem(_ path: String) -> String {
    let name = last(path)
    return dot(in: name).flatMap { String(name.utf8[..<$0]) } ?? name
  }

  /// What follows the last dot of the name, in lower case; "" where there is none.
  package static func ending(_ path: String) -> String {
    let name = last(path)
    return dot(in: name).flatMap { String(name.utf8[name.utf8.index(after: $0)...]) }?.lowercased() ?? ""
  }

  /// `name` in `folder`, which may be "" or ".".
  package static func joined(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || folder == "." { return name }
    return folder.utf8.last == slash ? folder + name : folder + "/" + name
  }

  /// The path without links and detours, so that two paths of one file are one. Of what does not exist yet, the folder's
  /// is taken.
  package static func resolved(_ path: String) -> String {
    if let whole = real(path) { return whole }
    return real(folder(of: path)).map { joined($0, last(path)) } ?? path
  }

  private static func real(_ path: String) -> String? {
    withPath(path) { realpath($0, nil) }.map { found in
      defer { free(found) }
      return decode(UnsafeRawBufferPointer(start: found, count: strlen(found)))
    }
  }

  private static func dot(in name: String) -> String.UTF8View.Index? {
    guard let found = name.utf8.lastIndex(of: dot), found != name.utf8.startIndex else { return nil }
    return found
  }
}

extension BidirectionalCollection {
  /// The longest end of which all elements satisfy the predicate.
  fileprivate func suffix(while holds: (Element) -> Bool) -> SubSequence {
    self[(lastIndex { !holds($0) }.map(index(after:)) ?? startIndex)...]
  }
}
