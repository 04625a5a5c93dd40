// SourceHash ROOT OUTPUT: writes a Swift file with a hash over names and contents of Package.swift and all files below
// Sources. FNV-1a, 64 bits: nobody has an interest in two sources with one hash, and the tool needs no library.

import Foundation

/// FNV-1a's own constants.
struct Hash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}

func files(below root: URL) throws -> [(name: String, url: URL)] {
  var found = [("Package.swift", root.appending(path: "Package.swift"))]
  let sources = root.appending(path: "Sources")
  for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path) {
    let url = sources.appending(path: path)
    // What a desktop leaves in a folder is no source.
    if url.lastPathComponent.hasPrefix(".") { continue }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else {
      continue
    }
    found.append((path, url))
  }
  return found.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
}

let (root, output) = (CommandLine.arguments[1], CommandLine.arguments[2])
var hash = Hash()
for (name, url) in try files(below: URL(filePath: root)) {
  let content = try Data(contentsOf: url)
  hash.add(name.utf8)
  hash.add([0])
  hash.add("\(content.count)".utf8)
  hash.add([0])
  content.withUnsafeBytes { hash.add($0) }
}
let digits = String(hash.value, radix: 16)
let padded = String(repeating: "0", count: 16 - digits.count) + digits
let text = """
  // Made by Plugins/SourceVersion.
  enum SourceVersion {
    /// Over the sources that this program was built from.
    static let hash = "\(padded)"
  }

  """
try text.write(to: URL(filePath: output), atomically: true, encoding: .utf8)
