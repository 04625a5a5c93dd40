import BlurKernels
import Foundation
import Support
import Testing

/// Options are followed or refused, never ignored.
@Suite("metakernelgan estimate, options", .tags(.slow))
struct EstimateOptionsTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  @Test func `options out of range are refused`() throws {
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
  @Test func `every departure from paper mode changes the kernel`() throws {
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
  @Test func `a method that starts from nothing needs no checkpoint`() throws {
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
}
