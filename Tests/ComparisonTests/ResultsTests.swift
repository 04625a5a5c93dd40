import BlurKernels
import Comparison
import Foundation
import Imaging
import Testing

@Suite("Other tools' results")
struct ResultsTests {
  let fixtures: Fixtures
  let bench: Bench

  init() throws {
    fixtures = try Fixtures(pictures: ["a", "b"])
    bench = try Bench(folder: fixtures.bench, noises: [.paper])
    try makeFolder("mine")
  }

  private func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(at: fixtures.folder.file(name), withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { fixtures.folder.file(name).path }

  private func copy(_ from: String, _ to: String) throws {
    try FileManager.default.copyItem(atPath: path(from), toPath: path(to))
  }

  private func read(_ convention: KernelConvention = .fkp) throws -> GivenResults {
    try GivenResults(.init(name: "mine", folder: path("mine"), convention: convention), for: [bench])
  }

  private func place(_ picture: String) -> GivenResults.Place { .init(bench: "x2_drawn", picture: picture) }

  /// The true kernels as another tool's results have perfect figures, and originals as enlarged pictures, too.
  @Test func `true kernels and originals are perfect`() throws {
    for name in ["a", "b"] { try copy("x2_drawn/kernel/\(name).mat", "mine/\(name)_kernel_x2.mat") }
    try copy("HR/a.png", "mine/a_SR.png")
    let evaluation = try fixtures.evaluation(
      runs: 1, steps: [.number(0)], results: [.init(name: "mine", folder: path("mine"))])
    let ledger = try fixtures.ledger()
    #expect(try evaluation.run(ledger, jobs: 2, measure: RunTests.measure) == [])
    let scores = evaluation.scores(in: ledger)
    let (own, truth) = (
      scores.filter { $0.method == "mine" }, scores.filter { $0.method == "true kernel, noise 0" }
    )
    #expect(own.count == 2 && own.allSatisfy { $0.kernelPSNR == .infinity && $0.covarianceDistance == 0 })
    #expect(
      own.map(\.imagePSNR) == truth.map(\.imagePSNR) && own.map(\.reblurredPSNR) == truth.map(\.reblurredPSNR)
    )
    let pictures = scores.filter { $0.method == "mine, own picture" }
    #expect(
      pictures.map(\.picture) == ["a"] && pictures[0].imagePSNR == .infinity && pictures[0].imageSSIM == 1)
    #expect(pictures[0].kernelPSNR == nil && pictures[0].reblurredPSNR == nil)
    let report = evaluation.report(from: ledger, faults: [], against: "mine")
    #expect(report.markdown.contains("| mine, own picture (1 of 2 measured) "))
    #expect(report.markdown.contains("| drawn & mine ") || report.markdown.contains("| mine & drawn "))
    #expect(report.markdown.contains("## Differences from mine"))
    let page = report.page(evaluation.gallery(from: ledger))
    #expect(page.components(separatedBy: "<figcaption>mine").count - 1 == 3)
    #expect(evaluation.outstanding(in: ledger) == 0)
  }

  struct Kind: Sendable {
    let ending: String
    let side: Int
    var sum = 1.0
    var convention = KernelConvention.fkp
    /// A part of what is told of it; nil for nothing.
    let note: String?
  }

  static let kinds = [
    Kind(ending: "npy", side: 11, note: nil),
    Kind(ending: "mat", side: 15, note: "1 kernel of 15x15 cropped to 11x11 about the centre of mass"),
    Kind(ending: "npy", side: 9, note: "1 kernel of 9x9 padded to 11x11 about the centre of mass"),
    Kind(
      ending: "mat", side: 11, sum: 255,
      note: "the values of 1 kernel did not sum to 1 and were divided by their sum"),
    Kind(
      ending: "mat", side: 21, convention: .usrNet, note: "1 kernel converted from the convention usrnet"),
    Kind(
      ending: "npy", side: 13, convention: .kernelGAN,
      note: "1 kernel converted from the convention kernelgan"),
  ]

  /// Every format, side, sum and convention of one blur is the same blur, and a note says what was done.
  @Test(arguments: kinds)
  func `kernels of any kind`(kind: Kind) throws {
    let (side, convention, note) = (kind.side, kind.convention, kind.note)
    let blur = { (side: Int) in
      let centre = Double(side - 2) / 2
      return BlurKernel.gaussian(
        side: side, centre: (centre, centre), covariance: .init(xx: 1, xy: 0.3, yy: 0.8)
      )
      .normalised()
    }
    let given = blur(side).converted(from: .fkp, to: convention, scale: 2)
    let scaled = BlurKernel(side: given.side, values: given.values.map { $0 * kind.sum })
    try scaled.write(to: path("mine/a.\(kind.ending)"))
    let results = try read(convention)
    let kernel = try #require(results.kernels[place("a")])
    #expect(kernel.side == 11 && abs(kernel.sum - 1) < 1e-3)
    // Two shifts by half a pixel by cubic interpolation, where the convention differs.
    let tolerance = convention == .fkp ? 4e-3 : 12e-3
    for (one, other) in zip(kernel.values, blur(11).values) { #expect(abs(one - other) < tolerance) }
    #expect(results.notes.contains { $0.hasPrefix("mine, x2_drawn: ") } == (note != nil), "\(results.notes)")
    if let note { #expect(results.notes.contains { $0.contains(note) }, "\(results.notes)") }
  }

  /// A kernel as a small grey picture is told from an enlarged picture by its size, and from the picture of a kernel by the
  /// file beside it.
  @Test func `pictures of kernels`() throws {
    try fixtures.kernel.picture(cell: 1).writePNG(path("mine/a.png"))
    try fixtures.kernel.write(to: path("mine/b_kernel_x2.npy"))
    try fixtures.kernel.write(to: path("mine/b_kernel_x2.mat"))
    try fixtures.kernel.picture(cell: 24).writePNG(path("mine/b_kernel_x2.png"))
    let results = try read()
    #expect(results.faults.isEmpty && results.pictures.isEmpty && results.kernels.count == 2)
    let exact = try #require(results.kernels[place("b")])
    #expect(exact == fixtures.kernel, "the more exact file is taken")
  }

  /// One sentence for each file that cannot be used; the others are.
  @Test func `broken files are named`() throws {
    try Data([1, 2]).write(to: fixtures.folder.file("mine/a.npy"))
    try Picture(width: 150, height: 20, rgb: [UInt8](repeating: 7, count: 9000)).writePNG(path("mine/b.png"))
    let faults = try read().faults.map(\.description)
    #expect(faults.count == 2)
    #expect(
      faults[0].hasPrefix("a result of mine is left out: cannot read the kernel '\(path("mine/a.npy"))': "))
    #expect(
      faults[1]
        == "a result of mine is left out: \(path("mine/b.png")) is 150x20 pixels; an enlarged picture of b has "
        + "150x132, a kernel at most 127x127")
    try fixtures.kernel.write(to: path("mine/b.mat"))
    try fixtures.kernel.write(to: path("mine/b_k.mat"))
    #expect(
      try read().faults.map(\.description).last
        == "a result of mine is left out: \(path("mine")) holds b.mat and b_k.mat for the kernel of b; keep one"
    )
  }

  /// Plain enlargements lie a pixel off on these benchmarks; nothing else tells their maker.
  @Test func `pictures beside the originals`() throws {
    for name in ["a", "b"] {
      try Picture.read(path("x2_drawn/LR/\(name).png")).bicubic(scale: 2).writePNG(path("mine/\(name).png"))
    }
    let notes = try read().notes
    #expect(notes.count == 1)
    let note = try #require(notes.first)
    let found = try #require(
      note.firstMatch(
        of: /mine, x2_drawn: the enlarged pictures lie ([0-9.]+) pixels right of and ([0-9.]+) pixels below/),
      "\(note)")
    for move in [found.1, found.2].compactMap({ Double($0) }) {
      #expect((0.4...1.2).contains(abs(move)), "\(note)")
    }
    #expect(note.contains("(2 compared)"))
    for name in ["a", "b"] {
      try FileManager.default.removeItem(atPath: path("mine/\(name).png"))
      try copy("HR/\(name).png", "mine/\(name).png")
    }
    #expect(try read().notes.isEmpty)
  }

  @Test func `folders without results`() throws {
    let none = #expect(throws: EvaluationError.self) {
      try GivenResults(.init(name: "mine", folder: "/nowhere"), for: [bench])
    }
    #expect(none?.description == "cannot use the results mine=/nowhere: there is no such folder")
    try fixtures.kernel.write(to: path("mine/other.npy"))
    let unmatched = #expect(throws: EvaluationError.self) { try read() }
    #expect(
      unmatched?.description
        == "cannot use the results mine=\(path("mine")): no file is named after a picture of the "
        + "benchmark; name kernels a.npy, .mat or .png and enlarged pictures a.png")
    try fixtures.kernel.write(to: path("mine/a.npy"))
    #expect(
      try read().notes == [
        "mine, x2_drawn: passed over 1 file named after no picture, such as \(path("mine"))/other.npy"
      ])
  }

  /// Kernels of one benchmark must not be taken for another's.
  @Test func `each benchmark has its own`() throws {
    let second = try Bench(folder: fixtures.bench, name: "other", noises: [.paper])
    try fixtures.kernel.write(to: path("mine/a.npy"))
    let request = GivenResults.Request(name: "mine", folder: path("mine"))
    #expect(throws: EvaluationError.self) { try GivenResults(request, for: [bench, second]) }
    try makeFolder("mine/other")
    try fixtures.kernel.write(to: path("mine/other/b.npy"))
    let results = try GivenResults(request, for: [bench, second])
    #expect(Array(results.kernels.keys) == [.init(bench: "other", picture: "b")])
  }
}
