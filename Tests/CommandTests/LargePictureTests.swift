import BlurKernels
import Foundation
import Imaging
import Platform
import Support
import Testing

@Suite("metakernelgan super-resolve, in bands", .tags(.slow)) struct LargePictureTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  private func kernel() throws -> String {
    try BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4).write(to: fixtures.path("k.npy"))
    return fixtures.path("k.npy")
  }

  /// As many bands as there are thousands of rows, roughly.
  private func tall(_ name: String, width: Int = 500, height: Int) throws -> String {
    let rgb = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 / 3 % width + $0 / width) }
    try Picture(width: width, height: height, rgb: rgb).writePNG(fixtures.path(name))
    return fixtures.path(name)
  }

  private var arguments: [String] {
    get throws {
      [
        "super-resolve", "--kernel", try kernel(), "--sr-weights", "closed-form", "--fidelity", "off",
        "--noise",
        "0", "--out", fixtures.path("out"),
      ]
    }
  }

  /// A result that is begun, some of its bands in the file already, leaves nothing behind.
  @Test(arguments: [SIGINT, SIGTERM]) func `a signal between two bands leaves nothing`(signal: Int32) throws {
    let picture = try tall("tall.png", height: 24_000)
    let program = try RunningProgram(
      try arguments + [picture], environment: [:], errors: fixtures.folder.file("errors"))
    try wait(for: "a begun result", log: program.errors) {
      FileManager.default.fileExists(atPath: fixtures.path("out"))
        && (try? Folder.names(in: fixtures.path("out")).isEmpty) == false
    }
    #expect(!FileManager.default.fileExists(atPath: fixtures.path("out/tall_x2.png")))
    program.kill(signal)
    #expect(try program.end() == 128 + signal)
    #expect(program.errors.contains("interrupted; 0 of 1 pictures are finished"), "\(program.errors)")
    #expect(try Folder.names(in: fixtures.path("out")).isEmpty)
  }

  /// The disk fills up after some bands: the error names the result, the code is that of a result that cannot be written.
  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `a disk that fills up in the middle keeps nothing`() throws {
    let disk = try SmallDisk(size: "256k")
    var arguments = try arguments
    arguments[arguments.count - 1] = disk.path
    let run = try Program.run(arguments + ["--format", "jpeg", try tall("tall.png", height: 4000)])
    #expect(run.code == 73, "\(run.errors)")
    #expect(run.errors.contains("tall_x2.jpg") && run.errors.contains("No space left on device"))
    #expect(try Folder.names(in: disk.path).isEmpty)
  }

  /// What a format cannot hold is refused by its name before anything is computed.
  @Test func `sides beyond a format's are refused at once`() throws {
    let picture = try tall("tall.png", width: 3, height: 8200)
    let run = try Program.run(try arguments + ["--format", "webp", picture])
    #expect(run.code == 73)
    #expect(
      run.errors.contains("cannot encode picture '\(fixtures.path("out/tall_x2.webp"))' as WebP")
        && run.errors.contains("a side may have 16383 pixels at most"), "\(run.errors)")
    #expect(try Folder.names(in: fixtures.path("out")).isEmpty)
  }

  /// More than 100 megapixels are read by the commands that work in parts, as 64 rows of this picture are counted.
  @Test func `more than 100 megapixels are taken`() throws {
    let picture = try tall("thin.png", width: 1, height: 1_700_000)
    let run = try Program.run(["estimate", "--out", fixtures.path("out"), "--format", "npy", picture])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try Folder.names(in: fixtures.path("out")) == ["thin_kernel_x2.npy"])
  }
}
