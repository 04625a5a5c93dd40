import Foundation
import Platform
import Support
import Testing

/// Pictures of any size, state, folder and name.
@Suite("metakernelgan estimate, pictures", .tags(.slow))
struct EstimatePicturesTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// One clear line for each file that cannot be used; the others go on; the exit code says so.
  @Test func `bad pictures do not stop good ones`() throws {
    let good = try fixtures.picture("good.png")
    let whole = try fixtures.bytes("good.png")
    try Data().write(to: fixtures.folder.file("empty.png"))
    try whole.prefix(whole.count / 2).write(to: fixtures.folder.file("cut.png"))
    try Data("not a picture".utf8).write(to: fixtures.folder.file("text.png"))
    let bad = ["empty.png", "cut.png", "text.png", "missing.png"]
    let run = try fixtures.estimate(
      bad.map(fixtures.path) + [good, "--steps", "1", "--out", fixtures.path("out")])
    #expect(run.code == 65)
    #expect(run.errorLines.count == bad.count, "\(run.errors)")
    for (line, name) in zip(run.errorLines, bad) {
      #expect(line.hasPrefix("metakernelgan: ") && line.contains(name), "\(line)")
    }
    #expect(FileManager.default.fileExists(atPath: fixtures.path("out/good_kernel_x2.npy")))
  }

  /// Pictures under 64x64 are repeated, and an orientation is told but not applied.
  @Test func `small pictures are repeated, and an orientation is told but not applied`() throws {
    let small = try fixtures.picture("small.png", width: 20, height: 33)
    try fixtures.bytes("small.png").withEXIFOrientation(6).write(to: fixtures.folder.file("turned.png"))
    let common = ["--steps", "2", "--out", fixtures.path("out")]
    let run = try fixtures.estimate([small, fixtures.path("turned.png"), "--json"] + common)
    #expect(run.code == 0, "\(run.errors)")
    let reports = try run.output.split(separator: "\n").map { try EstimateReport($0) }
    #expect(reports[1].orientation.exif == 6 && !reports[1].orientation.applied)
    #expect(reports[0].width == 20 && reports[0].orientation.exif == nil)
    #expect(try fixtures.bytes("out/small_kernel_x2.npy") == fixtures.bytes("out/turned_kernel_x2.npy"))
  }

  /// A folder's pictures as if each were named, those of inner folders in folders of the same names.
  @Test func `folders are taken, and inner ones on request`() throws {
    try FileManager.default.createDirectory(
      at: fixtures.folder.file("in/sub"), withIntermediateDirectories: true)
    _ = try fixtures.picture("in/a.png")
    _ = try fixtures.picture("in/sub/a.png", key: 2)
    try Data([1]).write(to: fixtures.folder.file("in/._a.png"))
    let flat = try fixtures.estimate([fixtures.path("in"), "--steps", "1", "--out", fixtures.path("flat")])
    #expect(flat.code == 0, "\(flat.errors)")
    #expect(flat.errorLines.count == 1 && flat.errors.contains("1 folder (--recursive looks into it): sub"))
    #expect(flat.errors.contains("1 file that is no picture by its name: ._a.png"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixtures.path("flat")).count == 4)
    let deep = try fixtures.estimate([
      fixtures.path("in"), "--recursive", "--steps", "1", "--out", fixtures.path("deep"), "--quiet",
    ])
    #expect(deep.code == 0 && deep.errors.isEmpty, "\(deep.errors)")
    #expect(try fixtures.bytes("deep/a_kernel_x2.npy") == fixtures.bytes("flat/a_kernel_x2.npy"))
    #expect(FileManager.default.fileExists(atPath: fixtures.path("deep/sub/a_kernel_x2.npy")))
    let none = try fixtures.estimate([fixtures.path("deep/sub/a_kernel_x2.npy"), fixtures.path("out")])
    #expect(none.code == 65)
  }

  /// Names of old systems and of both ways to write an accent: results bear the same bytes.
  @Test func `names of any bytes are taken`() throws {
    let picture = Array(try Data(contentsOf: URL(filePath: try fixtures.picture("a.png"))))
    let names: [[UInt8]] = [
      [0x63, 0x61, 0x66, 0xE9], [0x8E, 0xCA, 0x90, 0x5E], Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8),
    ]
    let folder = fixtures.path("names")
    try Folder.make(folder)
    for name in names {
      try writeAtomically(
        picture, to: folder + "/" + FileName.decode(name + Array(".png".utf8)), synced: false)
    }
    let run = try fixtures.estimate([
      folder, "--steps", "1", "--format", "npy,json", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
    let results = Set(try Folder.names(in: fixtures.path("out")).map(FileName.encode))
    #expect(
      results
        == Set(names.flatMap { name in ["npy", "json"].map { name + Array("_kernel_x2.\($0)".utf8) } }))
    // As an argument; a shell hands it over by its bytes, which Foundation's Process cannot.
    let shell = try Program.run(
      [
        "-c",
        "exec \"$0\" estimate --checkpoint \"$1\" --steps 1 --format npy --out \"$2\" \"$3\"/caf$(printf '\\351').png",
        Program.path, fixtures.checkpoint, fixtures.path("argument"), folder,
      ], at: "/bin/sh")
    #expect(shell.code == 0, "\(shell.errors)")
    #expect(shell.output.contains("caf\\xE9.png: 11x11 kernel"))
    #expect(
      try Folder.names(in: fixtures.path("argument")).map(FileName.encode)
        == [names[0] + Array("_kernel_x2.npy".utf8)])
  }
}
