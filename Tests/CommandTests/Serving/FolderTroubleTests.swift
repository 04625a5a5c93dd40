import Foundation
import Support
import Testing

/// What the folder daemon does about disks that are full or elsewhere, and names that are too long.
@Suite("metakernelgan estimator --watch in trouble", .tags(.slow), .serialized)
struct FolderTroubleTests {
  private let fixtures: Fixtures
  private var watched: String { fixtures.path("in") }

  init() throws {
    fixtures = try Fixtures()
    try FileManager.default.createDirectory(atPath: watched, withIntermediateDirectories: true)
  }

  private func start(_ more: String...) throws -> RunningProgram {
    try RunningProgram(
      [
        "estimator", "--checkpoint", fixtures.checkpoint, "--steps", "2", "--jobs", "1", "--quiet", "--watch",
        watched,
      ] + more,
      environment: [:], errors: fixtures.folder.file("daemon"))
  }

  private func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private func lines(_ daemon: RunningProgram) -> [Substring] { daemon.errors.split(separator: "\n") }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `a full disk for kernels is told once a picture and waited for`() throws {
    let disk = try SmallDisk(size: "256k")
    try disk.fill("ballast")
    for name in ["a.png", "b.png", "c.png"] { _ = try fixtures.picture("in/" + name) }
    let daemon = try start("--out", disk.path)
    try daemon.waitForError("No space left on device", count: 3)
    #expect(names(watched + "/failed") == [], "it is not the pictures' fault")
    // What needs no room goes on meanwhile.
    try Data("no picture".utf8).write(to: fixtures.folder.file("in/bad.png"))
    try wait(for: "the bad one to go aside", log: daemon.errors) {
      names(watched + "/failed").contains("bad.png")
    }
    #expect(lines(daemon).count { $0.contains("No space left on device") } == 3, "\(daemon.errors)")
    #expect(names(disk.path) == ["ballast"], "no part of a result stays behind")
    try FileManager.default.removeItem(atPath: disk.path + "/ballast")
    try wait(for: "all pictures", log: daemon.errors) { names(watched + "/done").count == 3 }
    #expect(names(disk.path).count == 12 && lines(daemon).count == 4, "\(daemon.errors)")
    daemon.kill(SIGTERM)
    #expect(try daemon.end() == 0)
  }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `pictures that end on another disk are worked on once`() throws {
    let disk = try SmallDisk(size: "1m")
    try FileManager.default.createSymbolicLink(atPath: watched + "/done", withDestinationPath: disk.path)
    try disk.fill("ballast")
    _ = try fixtures.picture("in/a.png")
    let daemon = try start()
    try daemon.waitForError("it is tried again")
    try FileManager.default.removeItem(atPath: disk.path + "/ballast")
    try wait(for: "the picture", log: daemon.errors) { names(disk.path) == ["a.png"] }
    #expect(names(watched + "/kernels").count == 4 && names(watched + "/working") == [])
    #expect(lines(daemon).count == 1, "\(daemon.errors)")
  }

  @Test func `the longest names get kernels`() throws {
    let long = String(repeating: "é", count: 125) + ".png"
    _ = try fixtures.picture("in/" + long)
    let daemon = try start()
    try wait(for: "the picture", log: daemon.errors) { names(watched + "/done") == [long] }
    let kernels = names(watched + "/kernels")
    #expect(kernels.count == 4 && kernels.allSatisfy { $0.hasPrefix("éé") && $0.utf8.count <= 255 })
    #expect(lines(daemon) == [], "\(daemon.errors)")
  }
}
