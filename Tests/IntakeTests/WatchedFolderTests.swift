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

  private func watch() throws -> WatchedFolder {
    try WatchedFolder(path) { [rings] in rings.update { $0 += 1 } }
  }

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
    try folder.finish(taken)
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
      try folder.finish(taken)
      try folder.fail(try #require(try folder.take()), because: "no good")
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

  @Test func `what is given back is taken again`() throws {
    let folder = try watch()
    try put("x", "a.png")
    try folder.giveBack(try #require(try folder.take()))
    #expect(try folder.take()?.name == "a.png")
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
