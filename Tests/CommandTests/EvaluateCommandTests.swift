import BlurKernels
import Foundation
import Imaging
import Support
import Testing

@Suite("metakernelgan evaluate", .tags(.slow))
struct EvaluateCommandTests {
  let fixtures: Fixtures

  init() throws {
    fixtures = try Fixtures()
    for folder in ["bench/LR", "bench/HR", "bench/kernel", "mine"] {
      try FileManager.default.createDirectory(
        at: fixtures.folder.file(folder), withIntermediateDirectories: true)
    }
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 2, theta: 0.5)
    for (name, key) in [("a", 1), ("b", 2)] as [(String, UInt64)] {
      let original = try fixtures.picture("bench/HR/\(name).png", width: 120, height: 90, key: key)
      try kernel.degrade(Picture.read(original), scale: 2).writePNG(fixtures.path("bench/LR/\(name).png"))
      try kernel.write(to: fixtures.path("bench/kernel/\(name).mat"))
      try kernel.fitted(toSide: 15, centre: 6.5)?.kernel.write(to: fixtures.path("mine/\(name).npy"))
    }
  }

  private func arguments(_ more: [String]) -> [String] {
    ["evaluate", "--bench", fixtures.path("bench"), "--out", fixtures.path("out"), "--runs", "1"] + more
  }

  /// Another tool's kernels of another side, and its pictures, beside a method of ours, at two noise levels.
  @Test func `compares other tools' results`() throws {
    try FileManager.default.copyItem(
      atPath: fixtures.path("bench/HR/a.png"), toPath: fixtures.path("mine/a_SR.png"))
    let run = try Program.run(
      arguments([
        "--method", "polyblur", "--results", "mine=" + fixtures.path("mine"), "--against", "mine, noise 0",
        "--sr-noise", "0", "--sr-noise", "auto", "--sr-weights", "closed-form",
      ]))
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.errors.contains("mine, bench: 2 kernels of 15x15 cropped to 11x11 about the centre of mass\n"),
      "\(run.errors)")
    for row in [
      "polyblur, noise 0 ", "polyblur, noise auto ", "mine, noise 0 ", "mine, noise auto ",
      "mine, own picture (1 of 2 measured) ", "true kernel, noise 0 ", "true kernel, noise auto ",
    ] {
      #expect(run.output.contains("| " + row), "\(row)")
    }
    #expect(run.output.contains("LR-PSNR") && run.output.contains("## Differences from mine, noise 0"))
    let page = try String(contentsOfFile: fixtures.path("out/report.html"), encoding: .utf8)
    #expect(page.contains("<h3>Differences from mine, noise 0</h3>"))
  }

  @Test func `refuses what it cannot follow`() throws {
    let mine = "mine=" + fixtures.path("mine")
    for (more, code, text) in [
      (["--results", "mine"], 64, "--results must be NAME=FOLDER, not 'mine'"),
      (["--results", mine, "--results", mine], 64, "--results names 'mine' twice"),
      (["--kernel-convention", "usrnet"], 64, "--kernel-convention is for the kernels of --results"),
      (
        ["--results", mine, "--kernel-convention", "dan"], 64,
        "--kernel-convention knows fkp, kernelgan, usrnet"
      ),
      (["--results", mine, "--kernel-convention", "dan=usrnet"], 64, "no --results are called 'dan'"),
      (["--results", "bicubic=" + fixtures.path("mine")], 64, "another row is called 'bicubic'"),
      (
        ["--against", "nobody"], 64,
        "no row is called 'nobody'; the rows are 'bicubic', 'polyblur', 'true kernel, noise 0'"
      ),
      (["--results", "none=" + fixtures.path("none")], 65, "there is no such folder"),
      (
        ["--results", "photos=" + fixtures.path("bench")], 65,
        "no file is named after a picture of the benchmark"
      ),
      (["--steps", "5"], 78, "the method polyblur has no use for --steps"),
      (["--crop", "32"], 64, "--crop must be from 64 to 65536"),
    ] {
      let run = try Program.run(arguments(["--method", "polyblur"] + more))
      #expect(run.code == code && run.errors.contains(text), "\(run.errors)")
    }
  }

  /// Central parts, then whole pictures in the same folder: neither takes the other's measurements, and none is made twice.
  @Test func `a crop holds for every row`() throws {
    let common = ["--method", "dip-softmax", "--steps", "1", "--sr-weights", "closed-form"]
    func measurements() throws -> Int { try fixtures.bytes("out/measurements.jsonl").count { $0 == 10 } }
    let sentence = "Only the central 64x64 pixels of each original were used"
    let cropped = try Program.run(arguments(common + ["--crop", "64"]))
    #expect(cropped.code == 0 && cropped.output.contains(sentence), "\(cropped.errors)")
    for row in ["bicubic ", "dip-softmax ", "dip-softmax, own picture ", "true kernel, noise 0 "] {
      #expect(cropped.output.contains("| " + row), "\(row)")
    }
    let page = try String(contentsOfFile: fixtures.path("out/report.html"), encoding: .utf8)
    #expect(page.contains(sentence))
    let table = try String(contentsOfFile: fixtures.path("out/report.csv"), encoding: .utf8)
    let lines = table.split(separator: "\n")
    #expect(lines.first?.hasSuffix(",crop") == true && lines.count == 1 + 2 * 4)
    #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",64") })
    #expect(try measurements() == 2 * (1 + 4))
    let again = try Program.run(arguments(common + ["--crop", "64"]))
    #expect(try again.output == cropped.output && measurements() == 2 * (1 + 4))
    let whole = try Program.run(arguments(common))
    #expect(try whole.code == 0 && !whole.output.contains(sentence) && measurements() == 2 * 2 * (1 + 4))
  }

  /// Ctrl-C ends a long estimate at once, with its child; what was measured before is kept.
  @Test func `interrupting keeps what was measured`() throws {
    let before = try Program.run(arguments(["--method", "polyblur", "--kernels-only"]))
    #expect(before.code == 0, "\(before.errors)")
    let kept = try fixtures.bytes("out/measurements.jsonl")
    let mark = UUID().uuidString
    let program = try RunningProgram(
      arguments(["--method", "kernelgan", "--steps", "1000000", "--kernels-only", "--jobs", "1"]),
      environment: [MarkedProcess.variable: mark], errors: fixtures.folder.file("errors"))
    try wait(for: "the estimate", log: program.errors) {
      MarkedProcess.all(mark).contains { $0.arguments.contains("measure") }
    }
    program.kill(SIGINT)
    try program.expectEnd(130)
    #expect(program.errors.contains("interrupted; every measurement that was made is kept"))
    try wait(for: "the child's end") { MarkedProcess.all(mark).isEmpty }
    #expect(try fixtures.bytes("out/measurements.jsonl") == kept)
    let after = try Program.run(arguments(["--method", "polyblur", "--kernels-only"]))
    #expect(after.output == before.output, "nothing is measured again, seconds included")
  }

  @Test func `costs of every method`() throws {
    let run = try Program.run([
      "bench", "--methods", "--quick", "--method", "polyblur", "--method", "kernelgan",
    ])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("## One 96x72 picture, scale 2"))
    #expect(run.output.contains("| polyblur "))
    let line = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("| kernelgan ") })
    #expect(line.contains("extrapolated from ") && line.contains(" of 2 steps |  3000 |"), "\(line)")
    #expect(run.output.contains("| paper: KernelGAN "))
    let refused = try Program.run(["bench", "--steps", "3"])
    #expect(refused.code == 64 && refused.errors.contains("are for --methods"))
  }

  static let hasNumPy = (try? Python.run(["-c", "import numpy"]).code) == 0

  /// The example of docs/compare.md, as it stands there.
  @Test(.enabled(if: EvaluateCommandTests.hasNumPy, "needs python3 with NumPy"))
  func `the document's example works`() throws {
    let document = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/compare.md"), encoding: .utf8)
    func block(_ language: String) throws -> String {
      let parts = document.components(separatedBy: "```\(language)\n")
      return try #require(parts.dropFirst().first?.components(separatedBy: "```").first)
    }
    _ = try fixtures.photos()
    try Data(block("python").utf8).write(to: fixtures.folder.file("mine.py"))
    try FileManager.default.createDirectory(
      at: fixtures.folder.file("bin"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: fixtures.path("bin/metakernelgan"), withDestinationPath: Program.path)
    let path = fixtures.path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let run = try Program.run(
      ["-e", "-c", "cd \"$0\"\n" + block("sh"), fixtures.folder.url.path], environment: ["PATH": path],
      at: "/bin/bash")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("| mine ") && run.output.contains("## Differences from mine"))
  }
}
