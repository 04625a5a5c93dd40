import BlurKernels
import Comparison
import Foundation
import Imaging
import Testing

@Suite("Benchmark folders")
struct BenchTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures(pictures: ["a", "b", "c", "d"]) }

  private func read(_ noises: [NoiseLevel] = [.paper], scale: Int? = nil, hr: String? = nil) throws -> Bench {
    try Bench(folder: fixtures.bench, highResolution: hr, scale: scale, noises: noises)
  }

  private func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: fixtures.folder.file(name))
  }

  @Test func `sizes tell the scale`() throws {
    let bench = try read()
    #expect(bench.name == "x2_drawn" && bench.scale == 2 && bench.faults.isEmpty)
    #expect(bench.pairs.map(\.name) == ["a", "b", "c", "d"])
    #expect(bench.pairs.allSatisfy { $0.highResolution != nil && $0.levels == [.paper: 0] })
    #expect(bench.pairs[0].pixels == 75 * 66)
  }

  /// Every kind of gap is told by name, and the rest is used.
  @Test func `broken and missing files are named`() throws {
    try Data("no picture".utf8).write(to: fixtures.folder.file("x2_drawn/LR/a.png"))
    try remove("HR/b.png")
    try remove("x2_drawn/kernel/c.mat")
    try remove("x2_drawn/LR/d.png")
    try fixtures.draw("e", key: 9)
    let bench = try read()
    #expect(bench.pairs.map(\.name) == ["e"])
    let lowA = fixtures.folder.file("x2_drawn/LR/a.png").path
    #expect(
      bench.faults.map(\.description) == [
        "x2_drawn/a is left out: cannot read picture '\(lowA)': it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; convert it to PNG",
        "x2_drawn/b is left out: HR does not hold it",
        "x2_drawn/c is left out: kernel does not hold it",
        "x2_drawn/d is left out: LR does not hold it",
      ])
  }

  @Test func `files that do not fit together`() throws {
    try Picture(width: 20, height: 20, rgb: [UInt8](repeating: 7, count: 1200)).writePNG(
      fixtures.folder.file("HR/a.png").path)
    try BlurKernel(side: 3, values: [Double](repeating: 1, count: 9)).write(
      to: fixtures.folder.file("x2_drawn/kernel/b.mat").path)
    try fixtures.kernel.write(to: fixtures.folder.file("x2_drawn/kernel/c.npy").path)
    let bench = try read()
    #expect(bench.pairs.map(\.name) == ["d"])
    #expect(
      bench.faults.map(\.description) == [
        "x2_drawn/a is left out: LR is 75x66 and HR 20x20 pixels, which is not scale 2",
        "x2_drawn/b is left out: its kernel is 3x3, expected 11x11 at scale 2",
        "x2_drawn/c is left out: kernel holds c.mat and c.npy; keep one",
      ])
    #expect(try read(scale: 4).pairs.isEmpty)
  }

  @Test func `kernels alone need no originals`() throws {
    try remove("HR")
    let bench = try read([])
    #expect(bench.pairs.count == 4 && bench.scale == 2 && bench.pairs[0].highResolution == nil)
    let error = #expect(throws: EvaluationError.self) { try read() }
    #expect(
      error?.description == "cannot evaluate on '\(fixtures.bench)': no folder 'HR' is in it or beside it; "
        + "name one with --hr, or measure with --kernels-only")
  }

  @Test func `folders that are no benchmark`() throws {
    let error = #expect(throws: EvaluationError.self) { try read(hr: "/nowhere") }
    #expect(error?.description == "cannot evaluate on '\(fixtures.bench)': there is no folder '/nowhere'")
    try remove("x2_drawn/kernel")
    #expect(
      throws: EvaluationError.unusableBench(folder: fixtures.bench, reason: "it holds no folder 'kernel'")
    ) {
      try read()
    }
  }

  @Test func `noise that the enlarging is told`() throws {
    #expect(try read([.fixed(3)]).pairs.map(\.levels) == .init(repeating: [.fixed(3): 3], count: 4))
    let noisy = try Bench(folder: fixtures.bench, name: "x2_noise_img", noises: [.paper])
    #expect(noisy.pairs.map(\.levels) == .init(repeating: [.paper: 10], count: 4))
    let estimated = try read([.paper, .estimated]).pairs[0]
    let level = try Picture.read(estimated.lowResolution.path).enlargingNoise().level
    #expect(estimated.levels == [.paper: 0, .estimated: level])
  }

  @Test func `names are unique`() {
    #expect(Bench.names(["Set14/x2_clean", "Set14/x4_clean/"]) == ["x2_clean", "x4_clean"])
    #expect(
      Bench.names(["Set14/x2_clean", "B100/x2_clean", "Set14/x4"])
        == ["Set14/x2_clean", "B100/x2_clean", "x4"])
  }
}
