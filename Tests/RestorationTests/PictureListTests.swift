import Foundation
import Platform
import Restoration
import Support
import Testing

@Suite struct PictureListTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file of any content, made with the folders above it. Names are bytes, as a camera or an old system wrote them.
  private func put(_ name: [UInt8]) throws {
    let path = Array(folder.url.path.utf8) + [UInt8(ascii: "/")] + name
    let text = FileName.decode(path)
    try Folder.make(FileName.folder(of: text))
    try writeAtomically([1], to: text, synced: false)
  }

  private func put(_ name: String) throws { try put(Array(name.utf8)) }

  private func stems(_ list: PictureList) -> [String] {
    list.pictures.map { FileName.joined($0.subfolder, $0.stem) }
  }

  @Test func `folders give their pictures and say what is none`() throws {
    for name in ["b.PNG", "a.jpeg", "notes.txt", ".DS_Store", "._a.jpeg", "sub/c.png"] { try put(name) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("gone.png").path, withDestinationPath: folder.file("nothing.png").path)
    let list = try PictureList([folder.url.path])
    #expect(stems(list) == ["a", "b"])
    let expected =
      "\(folder.url.path): passed over 1 link that leads nowhere: gone.png, and 1 folder (--recursive looks into it): "
      + "sub, and 3 files that are no pictures by their names: .DS_Store, ._a.jpeg, notes.txt"
    #expect(list.notes == [expected])
  }

  @Test func `recursion keeps the folders and ends at loops`() throws {
    for name in ["a.png", "one/b.png", "one/two/c.png"] { try put(name) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("one/two/up").path, withDestinationPath: folder.url.path)
    let list = try PictureList([folder.url.path], recursive: true)
    #expect(stems(list) == ["a", "one/b", "one/two/c"])
    #expect(list.notes.isEmpty)
  }

  @Test func `linked folders are followed`() throws {
    try put("real/a.png")
    try Folder.make(folder.file("inbox").path)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("inbox/link").path, withDestinationPath: folder.file("real").path)
    let list = try PictureList([folder.file("inbox").path], recursive: true)
    #expect(stems(list) == ["link/a"])
  }

  /// A name that is listed is opened by the same bytes, whatever they are.
  @Test func `names of any bytes make the round trip`() throws {
    let latin: [UInt8] = [0x63, 0x61, 0x66, 0xE9] + Array(".png".utf8)
    let shiftJIS: [UInt8] = [0x8E, 0xCA, 0x90, 0x5E] + Array(".png".utf8)
    let composed = Array("caf\u{E9}.png".utf8)
    let decomposed = Array("cafe\u{301}.png".utf8)
    for name in [latin, shiftJIS, composed, decomposed] { try put(name) }
    let list = try PictureList([folder.url.path])
    #expect(list.pictures.count == 4)
    for picture in list.pictures { #expect(try readFile(picture.path) == [1], "\(picture.shown)") }
    let names = Set(list.pictures.map { FileName.encode(FileName.last($0.path)) })
    #expect(names == [latin, shiftJIS, composed, decomposed])
    let results = list.pictures.map { picture in
      (picture: picture.path, paths: [ResultPaths.path(picture, in: folder.url.path, suffix: "_x2.png")])
    }
    #expect(ResultPaths.collision(results) == nil, "twins that look equal are two files")
    #expect(list.pictures.contains { $0.shown.hasSuffix("caf\\xE9.png") })
  }

  @Test func `what names no picture is refused`() throws {
    try put("empty/notes.txt")
    let empty = folder.file("empty").path
    #expect(throws: PictureListError.empty(folder: empty, isRecursive: false)) { try PictureList([empty]) }
    #expect(throws: PictureListError.standardInputTwice) { try PictureList(["-", "-"]) }
    let input = try PictureList(["-"]).pictures
    #expect(input.map(\.stem) == ["stdin"])
    // A file that is missing is the picture's own fault, told when it is read.
    #expect(try PictureList(["missing.png"]).pictures.map(\.path) == ["missing.png"])
  }

  // MARK: results

  @Test func `results may not replace one another nor a picture`() throws {
    for name in ["a.png", "a_x2.png", "sub/a.png"] { try put(name) }
    let pictures = ["a.png", "a_x2.png", "sub/a.png"].map { ListedPicture(path: folder.file($0).path) }
    func collision(_ pictures: [ListedPicture], _ out: String) -> ResultPaths.Collision? {
      ResultPaths.collision(
        pictures.map { (picture: $0.path, paths: [ResultPaths.path($0, in: out, suffix: "_x2.png")]) })
    }
    #expect(collision([pictures[0], pictures[1]], folder.url.path)?.other == pictures[1].path)
    #expect(collision([pictures[0], pictures[2]], folder.file("out").path)?.other == pictures[0].path)
    #expect(collision([pictures[0]], folder.file("out").path) == nil)
    // The same folder by another way.
    let detour = folder.file("sub/..").path
    #expect(collision([pictures[0], pictures[1]], detour)?.other == pictures[1].path)
  }

  @Test(arguments: [
    ("a/b.tar.gz", "b.tar", "gz", "a"), ("b", "b", "", "."), (".hidden", ".hidden", "", "."),
    ("/b.PNG", "b", "png", "/"), ("a/\u{301}b.png", "\u{301}b", "png", "a"), ("a/b.", "b", "", "a"),
  ])
  func `parts of paths are taken by bytes`(path: String, stem: String, ending: String, folder: String) {
    #expect(PathKey(FileName.stem(path)) == PathKey(stem))
    #expect(FileName.ending(path) == ending)
    #expect(FileName.folder(of: path) == folder)
  }
}
