import Foundation
import Imaging
import Support
import Testing

/// Which weights are used, and what is said where there are none that can be.
@Suite("metakernelgan estimate, weights", .tags(.slow))
struct EstimateWeightsTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// Without --checkpoint the shipped weights are used, and the report says which.
  @Test func `shipped weights are the default`() throws {
    let picture = try fixtures.picture("a.png")
    let run = try Program.run([
      "estimate", picture, "--steps", "1", "--json", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let report = try EstimateReport(run.output)
    #expect(report.checkpoint["path"]?.hasSuffix("Weights/x2.safetensors") == true)
    #expect(report.averagedWith?.count == 1)
    #expect(report.averagedWith?[0]["path"]?.hasSuffix("Weights/x2-jpeg.safetensors") == true)
  }

  @Test func `scale 4 has two networks`() throws {
    let run = try Program.run([
      "estimate", try fixtures.picture("a.png"), "--scale", "4", "--json", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let report = try EstimateReport(run.output)
    let names = ([report.checkpoint] + (report.averagedWith ?? [])).map {
      $0["path"]?.split(separator: "/").last
    }
    #expect(names == ["x4.safetensors", "x4-jpeg.safetensors"])
  }

  /// Pictures that were JPEGs have weights of their own, however they are stored now.
  @Test func `pictures that were JPEGs have weights of their own`() throws {
    let stored = try Picture.read(try fixtures.picture("a.png")).throughJPEG(quality: 80)
    let picture = fixtures.path("stored.png")
    try stored.writePNG(picture)
    for scale in ["2", "4"] {
      let run = try Program.run([
        "estimate", picture, "--scale", scale, "--json", "--out", fixtures.path("out"),
      ])
      #expect(run.code == 0, "\(run.errors)")
      let report = try EstimateReport(run.output)
      #expect(report.checkpoint["path"]?.hasSuffix("Weights/x\(scale)-jpeg.safetensors") == true)
      let others = report.averagedWith?.compactMap { $0["path"]?.split(separator: "/").last }
      #expect(others == (scale == "4" ? ["x2-jpeg.safetensors"] : nil))
    }
  }

  /// A program moved away from its weights says in one sentence how to go on.
  @Test func `a program without weights says so in one sentence`() throws {
    let alone = fixtures.path("metakernelgan")
    try FileManager.default.copyItem(atPath: Program.path, toPath: alone)
    let run = try Program.run(["estimate", try fixtures.picture("a.png")], at: alone)
    #expect(run.code == 78)
    #expect(run.errorLines.count == 1)
    #expect(
      run.errors.hasPrefix("metakernelgan: no checkpoint: the shipped weights are not beside this program"))
  }

  /// Missing, damaged and from another architecture are three different messages.
  @Test func `missing, damaged and foreign checkpoints are told apart`() throws {
    let picture = try fixtures.picture("a.png")
    let whole = try fixtures.bytes("start.safetensors")
    try whole.prefix(5000).write(to: fixtures.folder.file("cut.safetensors"))
    var renamed = whole
    let name = try #require(renamed.range(of: Data("generator.conv2.weight".utf8)))
    renamed.replaceSubrange(name, with: Data("generator.convX.weight".utf8))
    try renamed.write(to: fixtures.folder.file("other.safetensors"))
    let cases = [
      ("none.safetensors", "there is no such file"), ("cut.safetensors", "cut short"),
      ("other.safetensors", "generator.conv2.weight"),
    ]
    for (file, reason) in cases {
      let run = try Program.run(["estimate", picture, "--checkpoint", fixtures.path(file)])
      #expect(run.code == 78)
      #expect(
        run.errorLines.count == 1 && run.errors.contains(file) && run.errors.contains(reason), "\(run.errors)"
      )
    }
  }
}
