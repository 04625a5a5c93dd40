import Foundation
import Support
import Testing
import TrainingData

/// Data that is not what it was is noticed while it is in use, and built again.
@Suite struct DataGuardTests {
  /// Writes into the data file in place, at an offset.
  private func overwrite(_ folder: PictureFolder, at offset: UInt64, with bytes: [UInt8]) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: folder.dataFile))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data(bytes))
    try file.close()
  }

  @Test func `untouched data pass every time`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let watch = try DataGuard(folder.open())
    for waiting in [false, true, false, true] { try watch.check(waiting: waiting) }
    // Times may change where bytes do not.
    try setTime(5, ofItemAt: folder.dataFile)
    try watch.check(waiting: false)
    try overwrite(
      folder, at: 5000, with: Array(try Data(contentsOf: URL(filePath: folder.dataFile))[5000..<5010]))
    try watch.check(waiting: false)
    #expect(try folder.leftovers() == ["data"])
  }

  @Test(arguments: [5000, 128 + (3 * 208 * 200 + 63) / 64 * 64 + 4] as [UInt64])
  func `zeros in place are found and the file built again`(offset: UInt64) throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let set = try folder.open()
    let watch = try DataGuard(set)
    try watch.check(waiting: true)
    try overwrite(folder, at: offset, with: [UInt8](repeating: 0, count: 64))
    #expect(errorText { try watch.check(waiting: false) }.contains("cannot trust training data"))
    #expect(try folder.leftovers() == [])
    #expect(try folder.open().fingerprint == set.fingerprint)
    try folder.open().verify()
  }

  /// Trusted by size and time when it was opened, as it is a start's cost; hashed in the background all the same.
  @Test func `damage from before is found in the background`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    _ = try folder.open()
    try overwrite(folder, at: 7000, with: [1, 2, 3, 4, 5, 6, 7, 8])
    let watch = try DataGuard(folder.open())
    #expect(errorText { try watch.check(waiting: true) }.contains("its pixels are not those"))
  }

  @Test func `a file cut short is an error and no signal`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let watch = try DataGuard(folder.open())
    try watch.check(waiting: true)
    #expect(truncate(folder.dataFile, 70_000) == 0)
    #expect(errorText { try watch.check(waiting: false) }.contains("has 70000 bytes"))
  }
}

/// What lies in folders.
@Suite struct SearchTests {
  @Test func `linked folders are entered once`() throws {
    let folder = try PictureFolder(["a.png"])
    let other = try PictureFolder(["b.png", "deep/c.png"])
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: folder.path + "/more", withDestinationPath: other.path)
    try manager.createSymbolicLink(atPath: other.path + "/back", withDestinationPath: folder.path)
    try manager.createSymbolicLink(atPath: folder.path + "/self", withDestinationPath: ".")
    #expect(try folder.open().pictures.map(\.path) == ["a.png", "more/b.png", "more/deep/c.png"])
  }

  @Test func `what is no picture is passed over with a note`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let fingerprint = try folder.open().fingerprint
    try folder.write([0, 5, 22, 7], "._a.png")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/c.png", withDestinationPath: "nowhere")
    for _ in 0..<2 {
      let set = try folder.open()
      #expect(set.skipped.map(\.path) == ["._a.png", "c.png"])
      #expect(set.skipped.last?.reason == "it is a link that leads nowhere")
      #expect(set.fingerprint == fingerprint)
    }
  }

  /// Latin-1, as on old disks and in old archives.
  @Test func `names that are not UTF-8 are read`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let name = Array(folder.path.utf8) + Array("/".utf8) + [0x66, 0xFC, 0x72] + Array(".png".utf8) + [0]
    let moved = name.map { CChar(bitPattern: $0) }
    #expect(rename(folder.path + "/b.png", moved) == 0)
    let set = try folder.open()
    #expect(set.pictures.count + set.skipped.count == 2)
  }
}
