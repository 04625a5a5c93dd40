import BlurKernels
import Foundation
import Imaging
import Support
import Testing

@Suite("metakernelgan super-resolve", .tags(.slow))
struct SuperResolveCommandTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  struct Report: Decodable {
    struct Result: Decodable { let path: String, width: Int, height: Int }
    struct Noise: Decodable { let level: Double, isEstimated: Bool }
    struct Estimate: Decodable { let kernel: [[Double]], steps: Int }
    let picture: String, result: Result, network: String, noise: Noise, contactSheet: String?
    let kernelFile: String?, estimate: Estimate?
    let kernelSource: String, notes: [String]
  }

  func reports(_ run: Program.Outcome) throws -> [Report] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try run.output.split(separator: "\n").map { try decoder.decode(Report.self, from: Data($0.utf8)) }
  }

  func run(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(
      ["super-resolve", "--checkpoint", fixtures.checkpoint, "--out", fixtures.path("out")] + arguments)
  }

  func kernel(_ name: String = "kernel.npy") throws -> String {
    try BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4).write(to: fixtures.path(name))
    return fixtures.path(name)
  }

  @Test(arguments: [2, 4])
  func `estimates and enlarges`(scale: Int) throws {
    let pictures = [try fixtures.picture("a.png"), try fixtures.picture("b.png", width: 70, key: 2)]
    let run = try run(pictures + ["--scale", "\(scale)", "--steps", "2", "--contact-sheet", "--json"])
    #expect(run.code == 0, "\(run.errors)")
    let reports = try reports(run)
    #expect(reports.map(\.picture) == pictures)
    for report in reports {
      let result = try Picture.read(report.result.path)
      #expect(result.width == report.result.width && result.height == scale * 90)
      #expect(report.network == "enlarger" && report.estimate?.steps == 2)
      #expect(report.noise.isEstimated && report.noise.level >= 0)
      let sheet = try Picture.read(report.contactSheet ?? "no sheet")
      #expect(sheet.width > 2 * result.width && sheet.height >= result.height)
    }
  }

  /// Results do not depend on how many are worked on at a time.
  @Test func `same bytes for any jobs`() throws {
    let pictures = try (0..<3).map {
      try fixtures.picture("p\($0).png", width: 50 + 20 * $0, key: UInt64($0))
    }
    var seen: Set<[Data]> = []
    for jobs in ["1", "3"] {
      let run = try run(pictures + ["--kernel", try kernel(), "--jobs", jobs, "--quiet"])
      #expect(run.code == 0 && run.output.isEmpty && run.errors.isEmpty, "\(run.errors)")
      seen.insert(try (0..<3).map { try fixtures.bytes("out/p\($0)_x2.png") })
    }
    #expect(seen.count == 1)
  }

  /// A photograph's result lies where a plain enlargement does, whichever tool's rules the kernel is written by; a
  /// benchmark's on the grid of its high-resolution pictures.
  @Test(arguments: KernelConvention.allCases)
  func `results are not shifted`(convention: KernelConvention) throws {
    let truth = try Picture.read(try fixtures.picture("truth.png", width: 160, height: 120))
    let ours = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)
    let low = try ours.degrade(truth, scale: 2)
    try low.writePNG(fixtures.path("low.png"))
    let file = fixtures.path("kernel.mat")
    try ours.converted(from: .fkp, to: convention, scale: 2).write(to: file)
    let arguments = [
      fixtures.path("low.png"), "--kernel", file, "--kernel-convention", convention.rawValue, "--noise", "0",
    ]
    let benchmark = try run(arguments + ["--benchmark"])
    #expect(benchmark.code == 0, "\(benchmark.errors)")
    let move = try Picture.read(fixtures.path("out/low_x2.png")).displacement(from: truth)
    #expect(abs(move.x) < 0.1 && abs(move.y) < 0.1, "\(move)")

    #expect(try run(arguments).code == 0)
    let plain = try Picture.read(fixtures.path("out/low_x2.png")).displacement(from: low.bicubic(scale: 2))
    #expect(abs(plain.x) < 0.1 && abs(plain.y) < 0.1, "\(plain)")
  }

  /// What EXIF says about how the camera was held is done to the result.
  @Test func `results are upright`() throws {
    _ = try fixtures.picture("wide.png", width: 60, height: 40)
    try fixtures.bytes("wide.png").withEXIFOrientation(6).write(to: fixtures.folder.file("turned.png"))
    let arguments = ["--kernel", try kernel(), "--noise", "1", "--contact-sheet", "--json"]
    let run = try run([fixtures.path("wide.png"), fixtures.path("turned.png")] + arguments)
    #expect(run.code == 0, "\(run.errors)")
    let wide = try Picture.read(fixtures.path("out/wide_x2.png"))
    let turned = try Picture.read(fixtures.path("out/turned_x2.png"))
    #expect(turned.width == 80 && turned.height == 120)
    // EXIF data of a file go along, with the orientation reset.
    #expect((turned.orientation ?? 1) == 1)
    #expect(try reports(run)[1].result.height == 120)
    #expect(turned[0, 79, 0] == wide[0, 0, 0] && turned[119, 0, 0] == wide[79, 119, 0])
  }

  /// A kernel in other units is the same blur: the picture keeps its brightness, and a note says what was done.
  @Test(arguments: [255.0, 8]) func `kernels in other units are divided by their sum`(factor: Double) throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)
    try kernel.write(to: fixtures.path("one.npy"))
    try BlurKernel(side: kernel.side, values: kernel.values.map { factor * $0 }).write(
      to: fixtures.path("other.npy"))
    let picture = try fixtures.picture("a.png")
    func enlarged(_ name: String) throws -> (Picture, Report, Program.Outcome) {
      let run = try run([picture, "--kernel", fixtures.path(name), "--json"])
      #expect(run.code == 0, "\(run.errors)")
      return (try Picture.read(fixtures.path("out/a_x2.png")), try reports(run)[0], run)
    }
    let (expected, plain, _) = try enlarged("one.npy")
    let (found, report, told) = try enlarged("other.npy")
    #expect(plain.notes.isEmpty && plain.kernelSource == "given")
    #expect(report.notes.count == 1 && told.errors.contains("so they were divided by that"))
    #expect(zip(found.rgb8, expected.rgb8).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  /// Whoever reads the line alone knows what the result is worth.
  @Test func `the line says what is missing`() throws {
    let small = try fixtures.picture("small.png", width: 20, height: 33)
    let run = try Program.run(
      ["super-resolve", small, "--sr-weights", "closed-form", "--out", fixtures.path("out")])
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.output.contains("40x66, closed form only, ") && run.output.contains(", kernel not confident, "))
  }

  /// The kernel that `estimate` writes is the one that `super-resolve` uses, where both refine it or neither does.
  @Test(arguments: [true, false]) func `estimate shows the kernel that is used`(isRefined: Bool) throws {
    let picture = try fixtures.picture("a.png")
    let estimate = try Program.run(
      ["estimate", picture, "--json", "--out", fixtures.path("kernels")]
        + (isRefined ? ["--sr-weights", "shipped"] : []))
    let enlarged = try Program.run(
      ["super-resolve", picture, "--json", "--out", fixtures.path("out")]
        + (isRefined ? [] : ["--plain-kernel"]))
    #expect(estimate.code == 0 && enlarged.code == 0, "\(estimate.errors)\(enlarged.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    struct Shown: Decodable { let kernel: [[Double]], kernelSource: String }
    let shown = try decoder.decode(Shown.self, from: Data(estimate.output.utf8))
    let report = try reports(enlarged)[0]
    #expect(report.estimate?.kernel == shown.kernel)
    #expect(report.kernelSource == shown.kernelSource)
    #expect(shown.kernelSource == "predicted" || isRefined && shown.kernelSource == "refined")
  }

  @Test func `folders keep their places`() throws {
    try FileManager.default.createDirectory(
      at: fixtures.folder.file("in/sub"), withIntermediateDirectories: true)
    _ = try fixtures.picture("in/a.png")
    _ = try fixtures.picture("in/sub/a.png", width: 60)
    let run = try run([fixtures.path("in"), "--recursive", "--kernel", try kernel()])
    #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try Picture.read(fixtures.path("out/a_x2.png")).width == 240)
    #expect(try Picture.read(fixtures.path("out/sub/a_x2.png")).width == 120)
  }

  // MARK: formats and transparency

  @Test func `formats by option and by name`() throws {
    let picture = try fixtures.picture("a.png")
    let kernel = try kernel()
    for (arguments, name, isDeep) in [
      (["--format", "png16"], "out/a_x2.png", true), (["--format", "png8"], "out/a_x2.png", false),
      (["--format", "jpeg", "--quality", "90"], "out/a_x2.jpg", false),
      (["--format", "webp"], "out/a_x2.webp", false),
      (["--out", fixtures.path("large.jpg")], "large.jpg", false),
      (["--out", fixtures.path("new/large.webp")], "new/large.webp", false),
    ] {
      let run = try Program.run(
        ["super-resolve", picture, "--kernel", kernel, "--out", fixtures.path("out")] + arguments)
      #expect(run.code == 0, "\(arguments) \(run.errors)")
      let result = try Picture.read(fixtures.path(name))
      #expect(result.width == 240 && result.samples.isDeep == isDeep, "\(arguments)")
      #expect(PictureFormat(fileName: name) != nil && run.output.contains(name))
    }
  }

  /// A picture whose left half is not there: its alpha is enlarged on the grid of the colours.
  private func halfTransparent() throws -> String {
    let (width, height) = (40, 30)
    let colours = [UInt8](repeating: 200, count: 3 * width * height)
    let row = [UInt8](repeating: 0, count: width / 2) + [UInt8](repeating: 255, count: width / 2)
    let alpha = (0..<height).flatMap { _ in row }
    let laid: [UInt8] = colours.indices.map { alpha[$0 / 3] == 0 ? 255 : colours[$0] }
    let picture = Picture(
      width: width, height: height, samples: .bits8(laid),
      transparency: Transparency(alpha: .bits8(alpha), colours: .bits8(colours)))
    let path = fixtures.path("half.png")
    try picture.write(path, as: .png)
    return path
  }

  @Test func `transparent pictures stay transparent`() throws {
    let run = try run([try halfTransparent(), "--kernel", try kernel(), "--noise", "0"])
    #expect(run.code == 0, "\(run.errors)")
    let result = try Picture.read(fixtures.path("out/half_x2.png"))
    guard case .bits8(let alpha) = result.alpha else {
      Issue.record("the result is opaque")
      return
    }
    #expect(alpha[10 * 80 + 20] == 0 && alpha[10 * 80 + 60] == 255)
    // On a photograph's grid the edge stays where it was.
    #expect(alpha[10 * 80 + 36] < 128 && alpha[10 * 80 + 43] > 128)
  }

  @Test func `backgrounds flatten`() throws {
    let picture = try halfTransparent()
    for (colour, red) in [("ff0000", 255), ("black", 0)] {
      let run = try run([picture, "--kernel", try kernel(), "--noise", "0", "--background", colour])
      #expect(run.code == 0, "\(run.errors)")
      let result = try Picture.read(fixtures.path("out/half_x2.png"))
      #expect(result.alpha == nil)
      let pixel = (0..<3).map { 255 * result[10, 10, $0] }
      #expect(abs(pixel[0] - Double(red)) < 8, "\(pixel)")
      #expect(pixel[2] < 8, "\(pixel)")
    }
  }

  /// A picture on standard input, from a file or a pipe.
  @Test(arguments: ["cat \"$0\" |", "<\"$0\""]) func `standard input`(how: String) throws {
    let picture = try fixtures.picture("a.png")
    let program = "\"$1\" super-resolve - --kernel \"$2\" --out \"$3\""
    let line = how.hasSuffix("|") ? "\(how) \(program)" : "\(program) \(how)"
    let run = try Program.run(
      ["-c", line, picture, Program.path, try kernel(), fixtures.path("out")], at: "/bin/sh")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try Picture.read(fixtures.path("out/stdin_x2.png")).width == 240)
  }

  // MARK: refusals

  @Test func `bad input`() throws {
    let good = try fixtures.picture("good.png")
    try Data("no kernel".utf8).write(to: fixtures.folder.file("bad.npy"))
    try Data("no weights".utf8).write(to: fixtures.folder.file("bad.safetensors"))
    let cases: [(arguments: [String], code: Int32, text: String)] = [
      ([good, "--kernel", fixtures.path("bad.npy")], 65, "bad.npy"),
      ([good, "--kernel", fixtures.path("none.mat")], 65, "none.mat"),
      ([good, "--sr-weights", fixtures.path("bad.safetensors")], 78, "bad.safetensors"),
      ([good, "--scale", "3"], 64, "--scale 3 needs --kernel"),
      ([good, "--scale", "5"], 64, "--scale must be 2, 3 or 4"),
      ([good, "--noise", "256"], 64, "--noise"),
      ([good, "--format", "tiff"], 64, "--format knows png, png8, png16, jpeg, webp, not 'tiff'"),
      ([good, "--quality", "90"], 64, "--quality is for jpeg and webp"),
      ([good, "--background", "mauve"], 64, "--background"),
      ([good, "-", "--out", fixtures.path("one.png")], 64, "--out names a file, but there are 2 pictures"),
      ([good, good], 64, "would overwrite what belongs to"),
      ([fixtures.path("missing.png"), good, "--kernel", try kernel()], 65, "missing.png"),
    ]
    for (arguments, code, text) in cases {
      let run = try run(arguments)
      #expect(run.code == code && run.errors.contains(text), "\(arguments): \(run.code) \(run.errors)")
    }
    #expect(FileManager.default.fileExists(atPath: fixtures.path("out/good_x2.png")))
  }

  /// A result in the folder of the pictures must not replace one of them.
  @Test func `pictures are not overwritten`() throws {
    let pictures = [try fixtures.picture("a.png"), try fixtures.picture("a_x2.png")]
    let run = try Program.run(
      ["super-resolve", "--kernel", try kernel(), "--out", fixtures.folder.url.path] + pictures)
    #expect(run.code == 64)
    #expect(run.errors.contains("a_x2.png would overwrite"), "\(run.errors)")
  }

  /// USRNet's published weights on the benchmark's kernel give the reference's figure through the command as well.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `reference figure`() throws {
    let run = try run([
      SharedData.set14("x2_clean/LR/comic.png").path, "--benchmark", "--noise", "0",
      "--kernel", SharedData.set14("x2_clean/kernel/comic.mat").path,
      "--sr-weights", SharedData.reference("usrnet_tiny.safetensors").path,
    ])
    #expect(run.code == 0, "\(run.errors)")
    let truth = try Picture.read(SharedData.set14("HR/comic.png").path).cropped(toMultipleOf: 2)
    let quality = try ImageQuality(
      of: Picture.read(fixtures.path("out/comic_x2.png")), against: truth, border: 2)
    // The reference's, rounded to 8 bits there as here: 29.1575 dB.
    #expect(abs(quality.psnr - 29.157) < 0.01)
  }
}
