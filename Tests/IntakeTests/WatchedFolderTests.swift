import Foundation
import Intake
import Platform
import Support
import Testing
import Transport

/// One by one: some wait for the kernel to tell.
@Suite(.serialized) final class WatchedFolderTests {
  private let place: TemporaryFolder
  private var path: String { place.url.path }
  private let rings = Monitor(0)

  init() throws { place = try TemporaryFolder() }

  private let lines = Monitor<[String]>([])

  private func watch(pauses: ClosedRange<Double> = 0...0) throws -> WatchedFolder {
    try WatchedFolder(
      path, pauses: pauses, log: { [lines] line in lines.update { $0.append(line) } },
      onChange: { [rings] in rings.update { $0 += 1 } })
  }

  private var told: [String] { lines.update { $0 } }

  private func put(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: place.file(name)) }

  private func content(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: place.file(name)), as: UTF8.self)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.file(folder).path).sorted()
  }

  private func waitForRing() -> Bool {
    rings.wait(until: .after(20)) { $0 > 0 ? true : nil } ?? false
  }

  @Test func `what is put in is told, taken once, and goes when done`() throws {
    let folder = try watch()
    #expect(try folder.take() == nil)
    try put("one", "a.png")
    #expect(waitForRing())
    let taken = try #require(try folder.take())
    #expect(try taken.name == "a.png" && content("working/a.png") == "one")
    #expect(try folder.take() == nil)
    folder.finish(taken)
    #expect(try names("done") == ["a.png"] && names("working") == [])
  }

  @Test func `a file that is being written is not taken`() throws {
    let folder = try watch()
    try put("", "a.png")
    let writer = try FileHandle(forWritingTo: place.file("a.png"))
    try writer.write(contentsOf: Data("half".utf8))
    // Long enough that it looks finished to who only watches the clock.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: place.file("a.png").path)
    for _ in 0..<5 { #expect(try folder.take() == nil) }
    try writer.write(contentsOf: Data(" whole".utf8))
    rings.update { $0 = 0 }
    try writer.close()
    #expect(waitForRing())
    #expect(try folder.take()?.name == "a.png")
    #expect(try content("working/a.png") == "half whole")
  }

  @Test func `what is renamed into the folder is told and taken, what is hidden or a folder is not`() throws {
    let folder = try watch()
    try put("x", ".a.png")
    try FileManager.default.createDirectory(at: place.file("b.png"), withIntermediateDirectories: false)
    #expect(try folder.take() == nil)
    rings.update { $0 = 0 }
    try FileManager.default.moveItem(at: place.file(".a.png"), to: place.file("a.png"))
    #expect(waitForRing())
    #expect(try folder.take()?.name == "a.png")
  }

  @Test func `the oldest first`() throws {
    let folder = try watch()
    for (name, age) in [("new", 10.0), ("old", 30), ("middle", 20)] {
      try put(name, name)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: place.file(name).path)
    }
    #expect(try (0..<3).map { _ in try folder.take()?.name } == ["old", "middle", "new"])
  }

  @Test func `nothing is ever overwritten`() throws {
    let folder = try watch()
    for text in ["one", "two", "three"] {
      try put(text, "a.png")
      let taken = try #require(try folder.take())
      try put(text + " again", "a.png")
      #expect(try folder.take() == nil, "one of this name is being worked on")
      folder.finish(taken)
      folder.fail(try #require(try folder.take()), because: "no good")
    }
    #expect(try names("done") == ["a-2.png", "a-3.png", "a.png"])
    #expect(
      try names("failed")
        == ["a-2.png", "a-2.png.reason.txt", "a-3.png", "a-3.png.reason.txt", "a.png", "a.png.reason.txt"])
    #expect(
      try content("failed/a-3.png") == "three again")
    #expect(
      try content("failed/a.png.reason.txt") == "no good\n")
  }

  @Test func `what a killed process had taken is taken again`() throws {
    do {
      let folder = try watch()
      for name in ["a.png", "b.png"] { try put(name, name) }
      _ = try folder.take()
      _ = try folder.take()
      try put("newer", "a.png")
    }
    let folder = try watch()
    let taken = try [folder.take(), folder.take(), folder.take()].compactMap { $0?.name }
    #expect(taken.sorted() == ["a-2.png", "a.png", "b.png"])
    #expect(try folder.take() == nil)
  }

  @Test func `what fails for a reason that may pass is taken again, said once, and keeps no other waiting`()
    throws
  {
    let folder = try watch(pauses: 3600...3600)
    try put("x", "a.png")
    folder.postpone(try #require(try folder.take()), because: "the disk is full")
    #expect(try names("working") == [] && content("a.png") == "x")
    #expect(try folder.take() == nil, "not before its pause is over")
    try put("y", "b.png")
    #expect(try folder.take()?.name == "b.png")
    #expect(told == ["the disk is full; \"a.png\" stays in the folder and is tried again"])
    // Without pauses: a thousand failures, one line.
    lines.update { $0 = [] }
    let other = try WatchedFolder(
      path + "/other", pauses: 0...0, log: { [lines] line in lines.update { $0.append(line) } }, onChange: {})
    try put("x", "other/a.png")
    for _ in 0..<1000 { other.postpone(try #require(try other.take()), because: "the disk is full") }
    #expect(told.count == 1)
  }

  @Test func `a picture that cannot be moved to its end is not worked on again`() throws {
    let folder = try watch()
    try put("x", "a.png")
    let taken = try #require(try folder.take())
    // A link that leads to itself: no move into it can work.
    try FileManager.default.removeItem(at: place.file("done"))
    try FileManager.default.createSymbolicLink(atPath: path + "/done", withDestinationPath: "done")
    folder.finish(taken)
    // What a user puts there now waits for that name.
    try put("newer", "a.png")
    for _ in 0..<100 { #expect(try folder.take()?.name != "a.png") }
    #expect(told.count == 1 && told[0].hasSuffix("it is tried again"), "\(told)")
    try FileManager.default.removeItem(at: place.file("done"))
    #expect(try folder.take()?.name == "a.png")
    #expect(try content("done/a.png") == "x")
  }

  @Test func `folders for results that were removed are made anew`() throws {
    let folder = try watch()
    for name in ["done", "failed"] { try FileManager.default.removeItem(at: place.file(name)) }
    for name in ["a.png", "b.png"] { try put(name, name) }
    folder.finish(try #require(try folder.take()))
    folder.fail(try #require(try folder.take()), because: "no good")
    #expect(try names("done").count == 1 && names("failed").count == 2 && told == [])
  }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `pictures go to another disk once, and wait while it is full`() throws {
    let folder = try watch()
    let disk = try SmallDisk(size: "64k")
    try FileManager.default.removeItem(at: place.file("done"))
    try FileManager.default.createSymbolicLink(
      atPath: place.file("done").path, withDestinationPath: disk.path)
    try put("one", "a.png")
    folder.finish(try #require(try folder.take()))
    #expect(try names("done") == ["a.png"] && content("done/a.png") == "one" && names("working") == [])
    try disk.fill("ballast")
    try put(String(repeating: "x", count: 8192), "b.png")
    folder.finish(try #require(try folder.take()))
    for _ in 0..<20 { #expect(try folder.take() == nil) }
    #expect(try names("done") == ["a.png", "ballast"] && names("working") == ["b.png"])
    #expect(told.count == 1 && told[0].contains("No space left on device"), "\(told)")
    try FileManager.default.removeItem(atPath: disk.path + "/ballast")
    #expect(try folder.take() == nil)
    #expect(try names("done") == ["a.png", "b.png"] && names("working") == [])
  }

  @Test func `names of any bytes and any length are taken`() throws {
    let folder = try watch()
    let long = String(repeating: "é", count: 125) + ".png"
    for name in [
      [0x66, 0xFC, 0x72], [0x83, 0x65, 0x83, 0x58], Array("e\u{301}.png".utf8), Array("é.png".utf8),
      Array(long.utf8),
    ] {
      for round in 1...2 {
        let bytes = (Array((path + "/").utf8) + name).map { CChar(bitPattern: $0) } + [0]
        let file = open(bytes, O_WRONLY | O_CREAT, 0o600)
        #expect(file >= 0)
        close(file)
        let taken = try #require(try folder.take(), "\(name)")
        #expect(FileName.encode(taken.name) == name)
        if round == 1 { folder.finish(taken) } else { folder.fail(taken, because: "no good") }
      }
    }
    #expect(try Folder.names(in: path + "/done").count == 5)
    #expect(try Folder.names(in: path + "/failed").count == 10)
    // Again, so that a number must fit into the long name.
    try put("x", long)
    folder.finish(try #require(try folder.take()))
    #expect(try Folder.names(in: path + "/done").contains { $0.hasSuffix("é-2.png") && $0.utf8.count <= 255 })
    #expect(told == [])
  }

  @Test func `links and macOS's companions are passed over, each with one note`() throws {
    let folder = try watch()
    try FileManager.default.createSymbolicLink(atPath: path + "/dangling.png", withDestinationPath: "/none")
    try put("x", "._a.png")
    try put("x", ".b.png")
    for _ in 0..<5 { #expect(try folder.take() == nil) }
    #expect(
      told == [
        "\"._a.png\" is passed over: it is a file that macOS put beside a picture",
        "\"dangling.png\" is passed over: it is a link; put the picture itself into the folder",
      ])
  }

  @Test func `a folder that is moved away is watched again once there is one of its name`() throws {
    let inbox = place.file("in").path
    let folder = try WatchedFolder(
      inbox, pauses: 0...0, log: { [lines] line in lines.update { $0.append(line) } },
      onChange: { [rings] in rings.update { $0 += 1 } })
    try put("x", "in/a.png")
    let taken = try #require(try folder.take())
    rings.update { $0 = 0 }
    try FileManager.default.moveItem(atPath: inbox, toPath: inbox + "-old")
    #expect(waitForRing(), "the kernel tells")
    for _ in 0..<5 { #expect(try folder.take() == nil) }
    folder.finish(taken)
    #expect(!FileManager.default.fileExists(atPath: inbox), "it is not ours to make")
    try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: false)
    try put("y", "in/b.png")
    #expect(try folder.take()?.name == "b.png")
    rings.update { $0 = 0 }
    try put("z", "in/c.png")
    #expect(waitForRing(), "the new one's notices")
    #expect(try folder.take()?.name == "c.png")
    #expect(
      told == [
        "\"\(inbox)\" was moved away or removed; it is watched again once it is there",
        "\"a.png\" was taken away while it was worked on", "\"\(inbox)\" is another folder now; watching it",
      ])
  }

  @Test func `one that was moved back gets its pictures taken again`() throws {
    let inbox = place.file("in").path
    let folder = try WatchedFolder(inbox, pauses: 0...0, onChange: {})
    try put("x", "in/a.png")
    let taken = try #require(try folder.take())
    try FileManager.default.moveItem(atPath: inbox, toPath: inbox + "-old")
    #expect(try folder.take() == nil)
    try FileManager.default.moveItem(atPath: inbox + "-old", toPath: inbox)
    #expect(try folder.take() == nil, "it is still being worked on")
    folder.finish(taken)
    #expect(try names("in/done") == ["a.png"] && names("in/working") == [])
  }

  @Test func `only one watches a folder`() throws {
    let folder = try watch()
    let text = errorText { try WatchedFolder(path, onChange: {}) }
    let advice = "end that one, or watch another folder"
    #expect(text == "cannot watch \"\(path)\": another estimator takes pictures from it; \(advice)")
    withExtendedLifetime(folder) {}
  }

  @Test func `a folder that cannot be is refused in one sentence`() throws {
    try put("", "file")
    let text = errorText { try WatchedFolder(path + "/file/in", onChange: {}) }
    #expect(text.hasPrefix("cannot create \"\(path)/file/in\": "))
  }

  /// The text of the `IntakeError` that `body` must throw.
  private func errorText(_ body: () throws -> WatchedFolder) -> String {
    do {
      _ = try body()
      return "no error"
    } catch let error as IntakeError {
      return error.description
    } catch { return "another error: \(error)" }
  }
}
