import Foundation
import Platform
import Support
import Testing

@Suite struct FileAccessTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() }
  }

  @Test func `replaces the whole file and leaves nothing else`() throws {
    let name = "\u{308}a"  // its combining accent makes one character with the slash before it
    let path = folder.url.path + "/" + name
    for bytes in [[UInt8](repeating: 7, count: 300_000), [1, 2, 3], []] {
      try writeAtomically(bytes, to: path)
      #expect(try Array(Data(contentsOf: URL(filePath: path))) == bytes)
    }
    #expect(try names == [name])
  }

  @Test func `a failure keeps the old content`() throws {
    let occupied = folder.file("folder").path
    try FileManager.default.createDirectory(atPath: occupied, withIntermediateDirectories: false)
    expectError(
      "cannot write \"\(occupied)\": Is a directory; check the path, its permissions and the disk"
    ) { try writeAtomically([1], to: occupied) }
    #expect(try names == ["folder"])
    expectError(containing: "No such file or directory") {
      try writeAtomically([1], to: folder.file("none/a").path)
    }
  }

  @Test func `what is no file is not read`() throws {
    let missing = folder.file("none").path
    expectError("cannot read \"\(missing)\": there is no such file; check the path") {
      try SHA256.hex(ofFile: missing)
    }
    for path in [folder.url.path, "/dev/zero"] {
      expectError(containing: "not a regular file") { try SHA256.hex(ofFile: path) }
    }
  }
}

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples, and the empty message.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `standard examples`(message: String, digest: String) throws {
    #expect(try SHA256.hex(of: Array(message.utf8)) == digest)
  }

  @Test func `pieces hash as the whole and the hasher starts anew`() throws {
    let hash = try SHA256()
    for _ in 0..<2 {
      for _ in 0..<1000 { try hash.update([UInt8](repeating: UInt8(ascii: "a"), count: 1000)) }
      #expect(try hash.finish() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
  }

  @Test func `a file hashes as its bytes`() throws {
    let folder = try TemporaryFolder()
    try writeAtomically([1, 2, 3], to: folder.file("a").path)
    #expect(try SHA256.hex(ofFile: folder.file("a").path) == SHA256.hex(of: [UInt8]([1, 2, 3])))
  }
}
