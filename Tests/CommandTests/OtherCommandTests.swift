import Degradation
import Foundation
import Support
import Testing

@Suite("metakernelgan demo and bench")
struct OtherCommandTests {
  /// The demo's files are what it says they are; a few steps suffice for that.
  @Test func demoLeavesPicturesAndWeightsThatEstimateTakes() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(["demo", "--steps", "3", "--out", folder.url.path])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("with two workers"))
    #expect(run.output.contains("kernel PSNR"))
    let truth = try BlurKernel.read(folder.file("true_kernel.npy").path)
    #expect(abs(truth.sum - 1) < 1e-5)
    #expect(FileManager.default.fileExists(atPath: folder.file("kernels.png").path))
    let again = try Program.run([
      "estimate", folder.file("picture.png").path, "--checkpoint", folder.file("weights.safetensors").path,
      "--out",
      folder.url.path,
    ])
    #expect(again.code == 0, "\(again.errors)")
    let estimated = try BlurKernel.read(folder.file("estimated_kernel.npy").path)
    #expect(try BlurKernel.read(folder.file("picture_kernel_x2.npy").path) == estimated)
  }

  @Test func benchPrintsEveryFigure() throws {
    let run = try Program.run(["bench", "--steps", "2"])
    #expect(run.code == 0, "\(run.errors)")
    for line in [
      "instruction set", "peak (FMA in registers)", "inner step", "discriminator: forward",
      "200-step estimate",
      "peak memory", "throughput, --jobs 2 over 1",
    ] {
      #expect(run.output.contains(line))
    }
  }
}
