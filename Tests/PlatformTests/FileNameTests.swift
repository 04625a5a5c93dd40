import Foundation
import Platform
import Support
import Testing

@Suite struct FileNameTests {
  /// Latin-1, Shift-JIS, cut and overlong UTF-8, surrogates, NFC beside NFD, the escapes themselves, everything.
  static let names: [[UInt8]] = [
    Array("plain.png".utf8), Array("\u{E9}.png".utf8), Array("e\u{301}.png".utf8), [0xE9, 46, 112, 110, 103],
    [0x83, 0x65, 0x83, 0x58, 0x83, 0x67], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    Array("\u{10F7E9}".utf8), Array("\u{10F7E9}".utf8) + [0xE9], [0xE9] + Array("\u{1F600}".utf8) + [0xFF],
    (1...255).filter { $0 != 47 }.map(UInt8.init),
  ]

  @Test(arguments: names) func `any name makes the round trip`(bytes: [UInt8]) {
    #expect(FileName.encode(FileName.decode(bytes)) == bytes)
  }

  @Test func `any bytes make the round trip`() {
    var random = SystemRandomNumberGenerator()
    for length in 0..<2000 {
      let bytes = (0..<length % 40).map { _ in UInt8.random(in: 1...255, using: &random) }
      #expect(FileName.encode(FileName.decode(bytes)) == bytes)
    }
  }

  @Test func `different files are different keys`() {
    #expect("\u{E9}" == "e\u{301}", "Swift's own equality is by looks")
    #expect(Set(Self.names.map { PathKey(FileName.decode($0)) }).count == Self.names.count)
  }

  @Test func `what is shown is harmless`() {
    #expect(FileName.shown(FileName.decode([0x61, 0xE9])) == "a\\xE9")
    #expect(FileName.shown("a\u{1B}[2J\u{202E}b\nc") == "a\\u{1B}[2J\\u{202E}b\\u{A}c")
    #expect(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"")
  }

  @Test func `a folder of such names is listed, written and read`() throws {
    let folder = try TemporaryFolder()
    // 255 bytes are the most that a name may have.
    let names = Self.names.filter { $0.count < 200 && !$0.contains(47) }
    for (index, name) in names.enumerated() {
      try writeAtomically([UInt8(index)], to: folder.url.path + "/" + FileName.decode(name))
    }
    let listed = try Folder.names(in: folder.url.path)
    #expect(Set(listed.map(FileName.encode)) == Set(names))
    for (index, name) in names.enumerated() {
      let path = folder.url.path + "/" + FileName.decode(name)
      #expect(Folder.kind(of: path) == .file)
      #expect(try SHA256.hex(ofFile: path) == SHA256.hex(of: [UInt8(index)]))
    }
  }

  @Test func `folders are made with those above them`() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path + "/a/" + FileName.decode([0xE9]) + "/c"
    try Folder.make(path)
    try Folder.make(path)
    #expect(Folder.kind(of: path) == .folder)
    try writeAtomically([], to: folder.url.path + "/file")
    #expect(throws: FileError.self) { try Folder.make(folder.url.path + "/file/b") }
    #expect(throws: FileError.missing(folder.url.path + "/none")) {
      try Folder.names(in: folder.url.path + "/none")
    }
  }
}
