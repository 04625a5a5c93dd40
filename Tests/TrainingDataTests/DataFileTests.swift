import Dispatch
import Foundation
import Testing
import TrainingData

/// When the data file is used as it is, when built again, and what a failure leaves behind.
@Suite struct DataFileTests {
  @Test func `an unchanged folder's file is used as it is`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let first = try folder.open()
    let number = try folder.dataFileNumber()
    let second = try folder.open()
    #expect(try folder.dataFileNumber() == number)
    #expect(first.fingerprint == second.fingerprint && first.pictures == second.pictures)
    #expect(try folder.leftovers() == ["data"])
  }

  @Test func `a change of size, time or names builds it again`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let original = try folder.open().fingerprint
    func isRebuilt(_ change: () throws -> Void) throws -> Bool {
      let number = try folder.dataFileNumber()
      // Kept open, so that its number is not given to the next file.
      let old = try folder.open()
      try change()
      _ = try folder.open()
      return try withExtendedLifetime(old) { try folder.dataFileNumber() != number }
    }
    #expect(try isRebuilt { try setTime(1_000_000_001, ofItemAt: folder.path + "/a.png") })
    #expect(try folder.open().fingerprint == original)
    #expect(try !isRebuilt {})
    #expect(try isRebuilt { try folder.write(samplePicture("new"), "b.png") })
    #expect(try folder.open().fingerprint != original)
    #expect(try isRebuilt { try folder.write([1, 2, 3], "junk.jpg") })
    #expect(try isRebuilt { try folder.write([1, 2, 3, 4], "junk.jpg") }, "a skipped one may be mended")
    #expect(try isRebuilt { try FileManager.default.removeItem(atPath: folder.path + "/junk.jpg") })
    #expect(
      try isRebuilt { _ = try folder.open(.deadLeaves(seed: 1, count: 2)) })
  }

  @Test func `size and time are trusted`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let picture = folder.path + "/a.png"
    try setTime(1_234_567_891, ofItemAt: picture)
    let number = try {
      _ = try folder.open()
      return try folder.dataFileNumber()
    }()
    let size = try Data(contentsOf: URL(filePath: picture)).count
    try folder.write([UInt8](repeating: 0, count: size), "a.png")
    try setTime(1_234_567_891, ofItemAt: picture)
    #expect(try folder.open().pictures.count == 2)
    #expect(try folder.dataFileNumber() == number)
  }

  @Test func `a damaged or foreign file is built again`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let fingerprint = try folder.open().fingerprint
    let good = try [UInt8](Data(contentsOf: URL(filePath: folder.dataFile)))
    var damaged: [[UInt8]] = [[], [1], Array("not ours, but longer than a header is. ".utf8) + good]
    for length in [64, 127, 128, 1000, good.count / 2, good.count - 1] {
      damaged.append(Array(good.prefix(length)))
    }
    damaged.append(good + [0])
    // Magic, version, offset, length, hash, padding of the header; the index's first and last bytes.
    for position in [0, 8, 16, 23, 24, 31, 32, 95, 96, 127, good.count - 1] {
      var bytes = good
      bytes[position] ^= 0x80
      damaged.append(bytes)
    }
    for bytes in damaged {
      try Data(bytes).write(to: URL(filePath: folder.dataFile))
      #expect(try folder.open().fingerprint == fingerprint)
      #expect(try [UInt8](Data(contentsOf: URL(filePath: folder.dataFile))) == good)
    }
  }

  @Test func `changed pixels and tables are found by verifying`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    try folder.open().verify()
    let good = try [UInt8](Data(contentsOf: URL(filePath: folder.dataFile)))
    let table = 128 + (3 * 208 * 200 + 63) / 64 * 64
    for (position, part) in [(5000, "pixels"), (table + 4, "tables")] {
      var bytes = good
      bytes[position] ^= 4
      try Data(bytes).write(to: URL(filePath: folder.dataFile))
      let set = try folder.open()
      #expect(
        errorText(set.verify)
          == "cannot trust training data '\(folder.dataFile)': its \(part) are not those that were written; "
          + "it is rebuilt at the next start; see what writes to it, and check the disk")
    }
  }

  @Test func `a file cut while in use is an error, a replaced one is not`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let set = try folder.open()
    try folder.write(samplePicture("new"), "a.png")
    let newer = try folder.open()
    try set.verify()
    let size = try Data(contentsOf: URL(filePath: folder.dataFile)).count
    try #require(truncate(folder.dataFile, 1000) == 0)
    let expected =
      "cannot read training data '\(folder.dataFile)': it has 1000 bytes, \(size) when it was opened; "
      + "start again to have it rebuilt"
    let draw = CropDraw(picture: 0, top: 0, left: 0, augmentation: .none)
    #expect(errorText { try crop(draw, of: newer) } == expected)
    #expect(errorText(newer.verify) == expected)
    try set.verify()
  }

  @Test func `what a killed build left behind is removed`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    try Data([UInt8](repeating: 9, count: 3_000_000)).write(to: URL(filePath: folder.dataFile + ".partial"))
    try folder.open().verify()
    #expect(try folder.leftovers() == ["data"])
  }

  @Test func `two that build at once do it one after the other`() throws {
    let folder = try PictureFolder((1...4).map { "\($0).png" })
    let (path, file) = (folder.path, folder.dataFile)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      #expect(throws: Never.self) { try PictureSet(.folders([path]), file: file).verify() }
    }
    #expect(try folder.leftovers() == ["data"])
  }

  @Test func `a full disk is told with what is needed`() {
    #expect(TrainingDataError.shortage(of: 5_000_000, free: 6_000_000, file: "f") == nil)
    let shortage = TrainingDataError.shortage(of: 380_000_001, free: 380_900_000, file: "/run/data")
    #expect(
      shortage?.description
        == "cannot write training data '/run/data': 381 MB are needed and 380 MB free; "
        + "free some space or name another place")
  }

  @Test func `a place that cannot be written is told`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let missing = folder.path + "/none/data"
    #expect(
      errorText { try PictureSet(.folders([folder.path]), file: missing) }
        == "cannot use training data '\(missing)': No such file or directory; "
        + "check the path, its permissions and the disk")
    #expect(
      errorText { try PictureSet(.folders([folder.path]), file: folder.path) }
        == "cannot use training data '\(folder.path)': it is not an ordinary file; "
        + "check the path, its permissions and the disk")
  }
}
