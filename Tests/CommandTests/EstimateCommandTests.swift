import BlurKernels
import Foundation
import Imaging
import Platform
import Support
import Testing

@Suite("metakernelgan estimate", .tags(.slow))
struct EstimateCommandTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// What the tests look at in a report.
  struct Report: Decodable {
    struct Orientation: Decodable { let exif: Int?, applied: Bool }
    let picture: String, width: Int
    let kernel: [[Double]], sum: Double, covariance: [String: Double]
    let losses: [String: [Double]], checkpoint: [String: String], orientation: Orientation
    let averagedWith: [[String: String]]?
    let kernelSource: String
  }

  func report(_ text: some StringProtocol) throws -> Report {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(text.utf8))
  }

  @Test(arguments: [(2, 11), (4, 21)])
  func writesTheSameKernelInEveryFormat(scale: Int, side: Int) throws {
    let picture = try fixtures.picture("photo.png")
    let run = try fixtures.estimate([
      picture, "--steps", "3", "--scale", "\(scale)", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let stem = "out/photo_kernel_x\(scale)"
    let report = try report(String(decoding: try fixtures.bytes(stem + ".json"), as: UTF8.self))
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

  /// A picture's kernel depends on the picture, the start and the seed: not on the processor, on how many are worked
  /// on at a time, or on what came before.
  @Test func sameBytesOnEveryProcessorAndForAnyJobs() throws {
    let pictures = try (0..<4).map {
      try fixtures.picture("p\($0).png", width: 100 + 30 * $0, key: UInt64($0))
    }
    let runs: [(name: String, arguments: [String], environment: [String: String])] = [
      ("one", ["--jobs", "1"], [:]), ("two", ["--jobs", "2"], [:]), ("many", ["--jobs", "8"], [:]),
      ("avx2", ["--jobs", "2"], ["METAKERNELGAN_ISA": "avx2"]),
    ]
    for (name, arguments, environment) in runs {
      let run = try fixtures.estimate(
        pictures + ["--steps", "60", "--out", fixtures.path(name)] + arguments, environment: environment)
      #expect(run.code == 0, "\(run.errors)")
    }
    for index in 0..<4 {
      for format in ["npy", "mat", "png"] {
        let file = "p\(index)_kernel_x2.\(format)"
        let expected = try fixtures.bytes("one/" + file)
        for (name, _, _) in runs.dropFirst() {
          #expect(try fixtures.bytes("\(name)/\(file)") == expected, "\(name) \(file)")
        }
      }
    }
    let alone = try fixtures.estimate([pictures[2], "--steps", "60", "--out", fixtures.path("alone")])
    #expect(alone.code == 0)
    #expect(try fixtures.bytes("alone/p2_kernel_x2.npy") == fixtures.bytes("one/p2_kernel_x2.npy"))
    let other = try fixtures.estimate([
      pictures[2], "--steps", "60", "--seed", "1", "--out", fixtures.path("seed"),
    ])
    #expect(other.code == 0)
    #expect(try fixtures.bytes("seed/p2_kernel_x2.npy") != fixtures.bytes("one/p2_kernel_x2.npy"))
  }

  /// One clear line for each file that cannot be used; the others go on; the exit code says so.
  @Test func badPicturesDoNotStopGoodOnes() throws {
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

  /// Without --checkpoint the shipped weights are used, and the report says which.
  @Test func shippedWeightsAreTheDefault() throws {
    let picture = try fixtures.picture("a.png")
    let run = try Program.run([
      "estimate", picture, "--steps", "1", "--json", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let report = try report(run.output)
    #expect(report.checkpoint["path"]?.hasSuffix("Weights/x2.safetensors") == true)
    #expect(report.averagedWith?.count == 1)
    #expect(report.averagedWith?[0]["path"]?.hasSuffix("Weights/x2-jpeg.safetensors") == true)
  }

  @Test func scaleFourHasTwoNetworks() throws {
    let run = try Program.run([
      "estimate", try fixtures.picture("a.png"), "--scale", "4", "--json", "--out", fixtures.path("out"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let report = try report(run.output)
    let names = ([report.checkpoint] + (report.averagedWith ?? [])).map {
      $0["path"]?.split(separator: "/").last
    }
    #expect(names == ["x4.safetensors", "x4-jpeg.safetensors"])
  }

  /// Pictures that were JPEGs have weights of their own, however they are stored now.
  @Test func picturesThatWereJPEGsHaveWeightsOfTheirOwn() throws {
    let stored = try Picture.read(try fixtures.picture("a.png")).throughJPEG(quality: 80)
    let picture = fixtures.path("stored.png")
    try stored.writePNG(picture)
    for scale in ["2", "4"] {
      let run = try Program.run([
        "estimate", picture, "--scale", scale, "--json", "--out", fixtures.path("out"),
      ])
      #expect(run.code == 0, "\(run.errors)")
      let report = try report(run.output)
      #expect(report.checkpoint["path"]?.hasSuffix("Weights/x\(scale)-jpeg.safetensors") == true)
      let others = report.averagedWith?.compactMap { $0["path"]?.split(separator: "/").last }
      #expect(others == (scale == "4" ? ["x2-jpeg.safetensors"] : nil))
    }
  }

  /// A program moved away from its weights says in one sentence how to go on.
  @Test func withoutAnyWeightsOneSentence() throws {
    let alone = fixtures.path("metakernelgan")
    try FileManager.default.copyItem(atPath: Program.path, toPath: alone)
    let run = try Program.run(["estimate", try fixtures.picture("a.png")], at: alone)
    #expect(run.code == 78)
    #expect(run.errorLines.count == 1)
    #expect(
      run.errors.hasPrefix("metakernelgan: no checkpoint: the shipped weights are not beside this program"))
  }

  /// Missing, damaged and from another architecture are three different messages.
  @Test func unusableCheckpoints() throws {
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

  @Test func resultsThatCannotBeWritten() throws {
    let picture = try fixtures.picture("a.png")
    try Data().write(to: fixtures.folder.file("file"))
    let run = try fixtures.estimate([picture, "--out", fixtures.path("file/out")])
    #expect(run.code == 73)
    #expect(run.errorLines.count == 1 && run.errors.contains("file/out"), "\(run.errors)")
  }

  @Test func kernelsThatWouldOverwriteOneAnotherAreRefused() throws {
    let one = try fixtures.picture("a.png")
    try FileManager.default.createDirectory(at: fixtures.folder.file("b"), withIntermediateDirectories: true)
    let other = try fixtures.picture("b/a.png")
    let run = try fixtures.estimate([one, other, "--out", fixtures.path("out")])
    #expect(run.code == 64)
    #expect(run.errors.contains("would write the same files"))
    #expect(!FileManager.default.fileExists(atPath: fixtures.path("out")))
  }

  @Test func jsonIsALineAPictureAndQuietSaysNothing() throws {
    let pictures = [try fixtures.picture("a.png"), try fixtures.picture("b.png")]
    let common = pictures + ["--steps", "1", "--out", fixtures.path("out")]
    let lines = try fixtures.estimate(common + ["--json"]).output.split(separator: "\n").map(String.init)
    #expect(try lines.map { try report($0).picture } == pictures)
    let quiet = try fixtures.estimate(common + ["--quiet"])
    #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    let plain = try fixtures.estimate(common)
    #expect(plain.output.split(separator: "\n").count == 2 && plain.errors.isEmpty)
  }

  /// Pictures under 64x64 are repeated, and an orientation is told but not applied.
  @Test func smallPicturesAndOrientation() throws {
    let small = try fixtures.picture("small.png", width: 20, height: 33)
    try fixtures.bytes("small.png").withEXIFOrientation(6).write(to: fixtures.folder.file("turned.png"))
    let common = ["--steps", "2", "--out", fixtures.path("out")]
    let run = try fixtures.estimate([small, fixtures.path("turned.png"), "--json"] + common)
    #expect(run.code == 0, "\(run.errors)")
    let reports = try run.output.split(separator: "\n").map { try report($0) }
    #expect(reports[1].orientation.exif == 6 && !reports[1].orientation.applied)
    #expect(reports[0].width == 20 && reports[0].orientation.exif == nil)
    #expect(try fixtures.bytes("out/small_kernel_x2.npy") == fixtures.bytes("out/turned_kernel_x2.npy"))
  }

  @Test func optionsOutOfRange() throws {
    let picture = try fixtures.picture("a.png")
    for (option, value, text) in [
      ("--scale", "3", "--scale must be 2 or 4"), ("--format", "npy,tiff", "not 'tiff'"),
      ("--steps", "-1", "--steps must be"), ("--patches", "0", "--patches must be"),
      ("--average", "201", "--average must be"), ("--generator-rate", "nan", "--generator-rate must be"),
    ] {
      let run = try fixtures.estimate([picture, "\(option)=\(value)"])
      #expect(run.code == 64)
      #expect(run.errors.contains(text), "\(run.errors)")
    }
  }

  /// Every departure from paper mode changes the kernel, or it would not be wired up.
  @Test func optionsOfTheirOwn() throws {
    let picture = try fixtures.picture("a.png")
    let variants: [[String]] = [
      [], ["--generator-rate", "0.02"], ["--discriminator-rate", "0.1"], ["--patches", "2"],
      ["--border", "picture"],
      ["--average", "3"], ["--normalise"], ["--steps", "4"],
    ]
    var seen: Set<Data> = []
    for (index, variant) in variants.enumerated() {
      let run = try fixtures.estimate(
        [picture, "--steps", "5", "--out", fixtures.path("\(index)")] + variant)
      #expect(run.code == 0, "\(run.errors)")
      seen.insert(try fixtures.bytes("\(index)/a_kernel_x2.npy"))
    }
    #expect(seen.count == variants.count)
  }

  /// A method that starts from nothing needs no checkpoint and names none; what it cannot follow is a wrong option.
  @Test func kernelGANThroughTheCommand() throws {
    let picture = try fixtures.picture("a.png")
    let common = [
      "estimate", picture, "--method", "kernelgan", "--steps", "2", "--out", fixtures.path("out"),
    ]
    let run = try Program.run(common + ["--json"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains(#""method":"kernelgan""#) && !run.output.contains("checkpoint"))
    #expect(try BlurKernel.read(fixtures.path("out/a_kernel_x2.mat")).side == 11)
    let refused = try Program.run(common + ["--patches", "2", "--normalise"])
    #expect(refused.code == 64)
    #expect(refused.errors.contains("the method kernelgan has no use for --patches, --normalise"))
    let unknown = try Program.run(["estimate", picture, "--method", "dip"])
    #expect(
      unknown.code == 64 && unknown.errors.contains("--method knows metakernelgan, kernelgan, "))
    #expect(unknown.errors.contains(", not 'dip'"))
  }

  /// Whoever reads the line alone knows whether to trust the kernel; where a kernel comes from is in the JSON.
  @Test func theLineSaysWhereAKernelIsNotTrusted() throws {
    let small = try fixtures.picture("small.png", width: 20, height: 33)
    let run = try Program.run(["estimate", small, "--out", fixtures.path("out")])
    #expect(run.code == 0 && run.output.contains(", not confident, "), "\(run.output)\(run.errors)")
    #expect(run.errors.contains("the picture is too small to tell its kernel with any certainty"))
    let json = try Program.run(["estimate", small, "--json", "--out", fixtures.path("out")])
    #expect(try report(json.output).kernelSource == "predicted")
    let adapted = try fixtures.estimate([small, "--steps", "1", "--json", "--out", fixtures.path("out")])
    #expect(try report(adapted.output).kernelSource == "adapted")
  }

  // MARK: pictures by folder, names and signals

  /// A folder's pictures as if each were named, those of inner folders in folders of the same names.
  @Test func foldersAreTaken() throws {
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
  @Test func namesOfAnyBytesAreTaken() throws {
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

  /// Ctrl-C: what is finished stays, whole; nothing of the others is left; one line says how many.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func interruptedBetweenPictures(signal: Int32, code: Int32) throws {
    let pictures = try (0..<3).map { try fixtures.picture("p\($0).png") }
    let program = try RunningProgram(
      [
        "estimate", "--checkpoint", fixtures.checkpoint, "--steps", "40000", "--jobs", "1", "--format",
        "npy,json",
      ]
        + ["--out", fixtures.path("out")] + pictures,
      environment: [:], errors: fixtures.folder.file("errors"))
    // The folder is made right before the first picture is begun.
    while !FileManager.default.fileExists(atPath: fixtures.path("out")) { usleep(10_000) }
    // A signal that comes before the first picture is worked on ends it as well, without a line.
    try wait(for: "work on the first picture") { program.hasComputed }
    try wait(for: "its end", log: program.errors) {
      program.kill(signal)
      return !program.isRunning
    }
    #expect(try program.end() == code)
    #expect(program.errors.contains("interrupted; 0 of 3 pictures are finished"), "\(program.errors)")
    #expect(try Folder.names(in: fixtures.path("out")).isEmpty)
  }

  // MARK: processors

  @Test func withoutAVX2OneSentence() throws {
    let run = try fixtures.estimate(
      [try fixtures.picture("a.png")], environment: ["METAKERNELGAN_ISA": "none"])
    #expect(run.code == 69)
    #expect(run.errorLines.count == 1 && run.errors.contains("lacks AVX2 and FMA"))
  }

  static let emulator = "/usr/bin/qemu-x86_64"

  /// On a processor that would die of the first AVX2 instruction (an emulated Nehalem).
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: emulator), "needs qemu-user"))
  func oldProcessorIsToldNotKilled() throws {
    let run = try Program.run(
      ["estimate", "a.png", "--checkpoint", fixtures.checkpoint], under: [Self.emulator, "-cpu", "Nehalem"])
    #expect(run.code == 69)
    #expect(run.errors.contains("lacks AVX2 and FMA"), "\(run.errors)")
  }
}

extension RunningProgram {
  /// Whether it has used the processor for half a second, far more than its start takes (proc(5): fields 14 and 15 of stat,
  /// in hundredths of a second).
  fileprivate var hasComputed: Bool {
    let stat = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
    let fields = stat.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
    return fields.count > 13 && (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) > 50
  }
}
