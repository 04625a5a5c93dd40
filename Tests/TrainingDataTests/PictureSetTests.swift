import Checkpoints
import Foundation
import Imaging
import Platform
import Testing
import TrainingData

/// What is found, in which order, and what it is known by.
@Suite struct PictureSetTests {
  @Test func `pictures are ordered by the bytes of their paths`() throws {
    let names = ["b.png", "a/z.PNG", "a.png", "a-.png", "B.Jpeg", "é.png", "z.jpg", "a/b/c.png"]
    let folder = try PictureFolder(names)
    try folder.write(Array("hello".utf8), "notes.txt")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "folder.png"), withIntermediateDirectories: true)
    let set = try folder.open()
    let expected = ["B.Jpeg", "a-.png", "a.png", "a/b/c.png", "a/z.PNG", "b.png", "z.jpg", "é.png"]
    #expect(set.pictures.map(\.path) == expected)
    #expect(set.pictures.allSatisfy { $0.width == 208 && $0.height == 200 } && set.skipped.isEmpty)
  }

  @Test func `several folders are one, in whatever order they are named`() throws {
    let first = try PictureFolder(["b.png", "d.png"])
    let second = try PictureFolder(["a.png", "c.png"])
    let set = try first.open(.folders([first.path, second.path]))
    let turned = try second.open(.folders([second.path, first.path]))
    #expect(set.pictures.map(\.path) == ["a.png", "b.png", "c.png", "d.png"])
    #expect(set.fingerprint == turned.fingerprint && set.heldOut == turned.heldOut)
  }

  @Test func `a link to the folder, and one to a file, are followed`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let other = try PictureFolder(["c.png"])
    let manager = FileManager.default
    let link = other.dataFile + "-link"
    try manager.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
    try manager.createSymbolicLink(
      atPath: folder.path + "/c.png", withDestinationPath: other.path + "/c.png")
    let set = try folder.open(.folders([link]))
    #expect(set.pictures.map(\.path) == ["a.png", "b.png", "c.png"])
  }

  @Test func `the fingerprint follows its definition`() throws {
    let names = ["x.png", "y/1.png", "y/2.png"]
    let set = try PictureFolder(names).open()
    let hash = try SHA256()
    func add(_ number: Int) throws {
      try withUnsafeBytes(of: UInt64(number).littleEndian) { try hash.update($0) }
    }
    try add(3)
    for name in names {
      try add(name.utf8.count)
      try hash.update(Array(name.utf8))
      try add(208)
      try add(200)
      try hash.update(bytes(samplePicture(name)))
    }
    #expect(try set.fingerprint == hash.finish())
    #expect(throws: Never.self) { try set.verify() }
  }

  @Test func `the fingerprint knows neither place nor time, but every pixel and name`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    let moved = try PictureFolder(["a.png", "b.png"])
    try moved.write(Array("junk".utf8), "junk.png")
    try setTime(0, ofItemAt: moved.path + "/a.png")
    let fingerprint = try folder.open().fingerprint
    #expect(try moved.open().fingerprint == fingerprint)

    var samples = bytes(samplePicture("b.png"))
    samples[77] ^= 1
    try moved.write(Picture(width: 208, height: 200, rgb: samples), "b.png")
    #expect(try moved.open().fingerprint != fingerprint)
    let renamed = try PictureFolder(["a.png"])
    try renamed.write(samplePicture("b.png"), "c.png")
    #expect(try renamed.open().fingerprint != fingerprint)
  }

  @Test func `what cannot be used is skipped by name`() throws {
    let folder = try PictureFolder(["a.png", "b.png"])
    try folder.write(samplePicture("s", width: 191, height: 300), "low/narrow.png")
    try folder.write(jpegWithoutTables, "print.jpg")
    try folder.write(Array(samplePicture("a").encodePNG().dropLast(99)), "cut.png")
    try folder.write([], "empty.jpeg")
    try folder.write(Array("no picture".utf8), "other.png")
    let expected = [
      SkippedPicture(
        path: "cut.png", reason: "damaged PNG (the file is cut short); fetch or export it again"),
      SkippedPicture(path: "empty.jpeg", reason: "the file is empty"),
      SkippedPicture(
        path: "low/narrow.png", reason: "it has 191x300 pixels, at least 192x192 are needed"),
      SkippedPicture(
        path: "other.png",
        reason: "it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; "
          + "convert it to PNG"),
      SkippedPicture(
        path: "print.jpg",
        reason: "damaged JPEG (Quantization table 0x00 was not defined); "
          + "fetch or export it again"),
    ]
    #expect(try folder.open().skipped == expected)
    #expect(try folder.open().skipped == expected, "a second start tells them too")
    #expect(try folder.open().pictures.map(\.path) == ["a.png", "b.png"])
  }

  @Test func `sixteen bits are rounded to eight`() throws {
    let folder = try PictureFolder(["a.png"])
    let words: [UInt16] = [0, 128, 129, 257, 385, 386, 65406, 65407, 65535]
    let samples = (0..<3 * 192 * 192).map { words[$0 % words.count] }
    try folder.write(Picture(width: 192, height: 192, samples: .bits16(samples)), "b.png")
    let set = try folder.open()
    let index = try #require(set.pictures.firstIndex { $0.path == "b.png" })
    let draw = CropDraw(picture: index, top: 0, left: 0, augmentation: .none)
    #expect(try crop(draw, of: set).prefix(9) == [0, 0, 1, 1, 1, 2, 254, 255, 255])
  }

  @Test func `a folder without usable pictures is an error`() throws {
    let folder = try PictureFolder()
    #expect(
      errorText(folder.open)
        == "cannot train on '\(folder.path)': no picture that can be read is there; "
        + "name a folder of pictures of at least 192 pixels on both sides")
    try folder.write([], "x.png")
    #expect(
      errorText(folder.open)
        == "cannot train on '\(folder.path)': no picture that can be read is there "
        + "(1 skipped, the first, 'x.png': the file is empty); "
        + "name a folder of pictures of at least 192 pixels on both sides")
    try folder.write(samplePicture("y"), "y.png")
    #expect(
      errorText(folder.open)
        == "cannot train on 'y.png' alone: one picture is held out, so at least two usable ones are needed "
        + "(1 skipped, the first, 'x.png': the file is empty); add pictures")
    #expect(try folder.leftovers() == [])
  }

  @Test func `a folder that is none is an error`() throws {
    let folder = try PictureFolder(["a.png"])
    let missing = folder.path + "/none"
    #expect(
      errorText { try folder.open(.folders([missing])) }
        == "cannot list training pictures, '\(missing)': No such file or directory; "
        + "check the path and its permissions")
    let file = folder.path + "/a.png"
    #expect(
      errorText { try folder.open(.folders([file])) }
        == "cannot list training pictures, '\(file)': Not a directory; check the path and its permissions")
  }

  @Test func `drawn pictures are the same every time`() throws {
    let folder = try PictureFolder()
    let copy = try PictureFolder()
    let set = try folder.open(.deadLeaves(seed: 7, count: 11))
    let again = try copy.open(.deadLeaves(seed: 7, count: 11))
    #expect(try SHA256.hex(ofFile: folder.dataFile) == SHA256.hex(ofFile: copy.dataFile))
    #expect(set.pictures.count == 11 && set.pictures[3].path == "dead-leaves-03")
    #expect(set.pictures.map(\.path) == set.pictures.map(\.path).sorted())
    let other = try copy.open(.deadLeaves(seed: 8, count: 11))
    #expect(set.fingerprint == again.fingerprint && set.fingerprint != other.fingerprint)
  }

  @Test(arguments: [(2, 1), (20, 1), (21, 2)])
  func `one picture in twenty is held out, by its name`(count: Int, expected: Int) throws {
    let set = try PictureFolder().open(.deadLeaves(seed: 1, count: count))
    #expect(set.heldOut.count == expected)
    #expect((set.training + set.heldOut).sorted() == Array(0..<count))
    let hashes = try set.pictures.map { try SHA256.hex(of: Array($0.path.utf8)) }
    #expect(set.heldOut.map { hashes[$0] }.sorted() == Array(hashes.sorted().prefix(expected)))
    let otherSeed = try PictureFolder().open(.deadLeaves(seed: 2, count: count))
    #expect(otherSeed.heldOut == set.heldOut)
  }
}

extension Augmentation {
  static let none = Augmentation(flipsColumns: false, flipsRows: false, transposes: false)
}

/// Sets a file's modification time, in nanoseconds since 1970.
func setTime(_ nanoseconds: Int, ofItemAt path: String) throws {
  let time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
  try #require(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
}
