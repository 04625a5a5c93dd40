import BlurKernels
import Foundation
import Support
import Testing

/// What the command writes and says.
@Suite("metakernelgan estimate", .tags(.slow))
struct EstimateCommandTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  @Test(arguments: [(2, 11), (4, 21)])
  func `every format holds the same kernel`(scale: Int, side: Int) throws {
    let picture = try fixtures.picture("photo.png")
    let run = try fixtures.estimate([
      picture, "--steps", "3", "--scale", "\(scale)", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let stem = "out/photo_kernel_x\(scale)"
    let report = try EstimateReport(String(decoding: try fixtures.bytes(stem + ".json"), as: UTF8.self))
    #expect(report.kernel.count == side)
    let npy = try BlurKernel.read(fixtures.path(stem + ".npy"))
    let mat = try BlurKernel.read(fixtures.path(stem + ".mat"))
    #expect(mat.values == report.kernel.flatMap { $0 })
    #expect(npy.values == mat.values.map { Double(Float($0)) })
    #expect(report.sum == mat.sum)
    #expect(report.covariance["xy"] == mat.covariance.xy)
    #expect(report.losses["adversarial"]?.count == 3 && report.losses["sum_to_one"]?.count == 3)
    #expect(report.checkpoint["sha256"]?.count == 64)
    #expect(FileManager.default.fileExists(atPath: fixtures.path(stem + ".png")))
  }

  @Test func `JSON is one line a picture, and quiet says nothing`() throws {
    let pictures = [try fixtures.picture("a.png"), try fixtures.picture("b.png")]
    let common = pictures + ["--steps", "1", "--out", fixtures.path("out")]
    let lines = try fixtures.estimate(common + ["--json"]).output.split(separator: "\n").map(String.init)
    #expect(try lines.map { try EstimateReport($0).picture } == pictures)
    let quiet = try fixtures.estimate(common + ["--quiet"])
    #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    let plain = try fixtures.estimate(common)
    #expect(plain.output.split(separator: "\n").count == 2 && plain.errors.isEmpty)
  }

  /// Whoever reads the line alone knows whether to trust the kernel; where a kernel comes from is in the JSON.
  @Test func `the line says where a kernel is not trusted`() throws {
    let small = try fixtures.picture("small.png", width: 20, height: 33)
    let run = try Program.run(["estimate", small, "--out", fixtures.path("out")])
    #expect(run.code == 0 && run.output.contains(", not confident, "), "\(run.output)\(run.errors)")
    #expect(run.errors.contains("the picture is too small to tell its kernel with any certainty"))
    let json = try Program.run(["estimate", small, "--json", "--out", fixtures.path("out")])
    #expect(try EstimateReport(json.output).kernelSource == "predicted")
    let adapted = try fixtures.estimate([small, "--steps", "1", "--json", "--out", fixtures.path("out")])
    #expect(try EstimateReport(adapted.output).kernelSource == "adapted")
  }

  @Test func `results that cannot be written are an error`() throws {
    let picture = try fixtures.picture("a.png")
    try Data().write(to: fixtures.folder.file("file"))
    let run = try fixtures.estimate([picture, "--out", fixtures.path("file/out")])
    #expect(run.code == 73)
    #expect(run.errorLines.count == 1 && run.errors.contains("file/out"), "\(run.errors)")
  }

  @Test func `kernels that would overwrite one another are refused`() throws {
    let one = try fixtures.picture("a.png")
    try FileManager.default.createDirectory(at: fixtures.folder.file("b"), withIntermediateDirectories: true)
    let other = try fixtures.picture("b/a.png")
    let run = try fixtures.estimate([one, other, "--out", fixtures.path("out")])
    #expect(run.code == 64)
    #expect(run.errors.contains("would write the same files"))
    #expect(!FileManager.default.fileExists(atPath: fixtures.path("out")))
  }
}
