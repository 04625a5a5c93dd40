import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Networks
import Support
import Testing

@Suite("metakernelgan demo and bench", .tags(.slow))
struct OtherCommandTests {
  /// The demo's files are what it says they are; a few steps suffice for that.
  @Test func `demo leaves pictures and weights that estimate takes`() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(["demo", "--steps", "3", "--out", folder.url.path])
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("with two workers"))
    #expect(run.output.contains("kernel PSNR"))
    let truth = try BlurKernel.read(folder.file("true_kernel.npy").path)
    #expect(abs(truth.sum - 1) < 1e-5)
    #expect(FileManager.default.fileExists(atPath: folder.file("kernels.png").path))
    let sheet = try Picture.read(folder.file("before-after.png").path)
    #expect(sheet.width > 3 * 448 && sheet.height == 448)
    #expect(run.output.contains("look at \(folder.file("before-after.png").path)"))
    let again = try Program.run([
      "estimate", folder.file("picture.png").path, "--checkpoint", folder.file("weights.safetensors").path,
      "--out",
      folder.url.path,
    ])
    #expect(again.code == 0, "\(again.errors)")
    let estimated = try BlurKernel.read(folder.file("estimated_kernel.npy").path)
    #expect(try BlurKernel.read(folder.file("picture_kernel_x2.npy").path) == estimated)
  }

  @Test func `bench prints every figure`() throws {
    let run = try Program.run(["bench", "--quick"])
    #expect(run.code == 0, "\(run.errors)")
    for line in [
      "instruction set", "peak (FMA in registers)", "inner step", "discriminator: forward",
      "convolution 3x3, 64 channels", "convolution 3x3, 128 channels",
      "200-step estimate", "super-resolution, scale 2", "super-resolution, scale 4", "USRNet-tiny",
      "`super-resolve`",
      "peak memory", "throughput, --jobs 2 over 1", "meta-training task", "throughput, 2 workers over 1",
      "coordinator's processor time", "1 connected, block 1", "10 connected", "100 connected, block 8",
      "results/s", "500 at once", "of a plain ZeroMQ copy with SHA-256, all hashes right",
    ] {
      #expect(run.output.contains(line))
    }
  }

  /// A bad pair is named and left out, and the exit code says so; the rest is measured.
  @Test func `evaluate names broken pairs`() throws {
    let fixtures = try Fixtures()
    for folder in ["bench/LR", "bench/kernel"] {
      try FileManager.default.createDirectory(
        at: fixtures.folder.file(folder), withIntermediateDirectories: true)
    }
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 2, theta: 0.5)
    for name in ["a", "b"] { _ = try fixtures.picture("bench/LR/\(name).png") }
    try kernel.write(to: fixtures.path("bench/kernel/a.mat"))
    let arguments = [
      "evaluate", "--bench", fixtures.path("bench"), "--checkpoint", "drawn=" + fixtures.checkpoint, "--runs",
      "2",
      "--steps", "0,2", "--kernels-only", "--out", fixtures.path("out"),
    ]
    let run = try Program.run(arguments)
    #expect(run.code == 65)
    #expect(
      run.errorLines.count == 1 && run.errors.contains("bench/b is left out: kernel does not hold it"),
      "\(run.errors)")
    #expect(
      run.output.contains("Means over 1 picture and 2 runs") && run.output.contains("| drawn  |     2 |"))
    for file in ["report.md", "report.csv", "report.json", "report.html", "measurements.jsonl"] {
      #expect(FileManager.default.fileExists(atPath: fixtures.path("out/" + file)), "\(file)")
    }
    #expect(try Program.run(arguments).output == run.output, "nothing is measured again, seconds included")
  }

  @Test func `evaluate refuses what it cannot follow`() throws {
    let fixtures = try Fixtures()
    for (arguments, code, text) in [
      (["--steps", "few"], 64, "--steps must be numbers from 0 to 1000000, or last, not 'few'"),
      (["--method", "magic"], 64, "--method knows metakernelgan"),
      (["--sr-noise", "300"], 64, "--sr-noise must be from 0 to 255, auto or paper, not '300'"),
      (["--method", "kernelgan", "--checkpoint", "a"], 64, "none of these methods starts from weights"),
      (["--kernels-only", "--sr-noise", "1"], 64, "--kernels-only enlarges nothing"),
      (["--bench", fixtures.path("") + "/."], 64, "--bench names one folder twice"),
      (["--checkpoint", fixtures.path("none")], 78, "there is no such file"),
      (["--sr-weights", fixtures.path("none"), "--checkpoint", fixtures.checkpoint], 78, "none"),
      (["--checkpoint", fixtures.checkpoint], 65, "it holds no folder 'LR'"),
    ] {
      let run = try Program.run(["evaluate", "--bench", fixtures.path("")] + arguments)
      #expect(run.code == code && run.errors.contains(text), "\(run.errors)")
    }
  }

  /// The baseline without an inner loop, from its command to a kernel.
  @Test func `dataset baseline trains and estimates`() throws {
    let fixtures = try Fixtures()
    let photos = try fixtures.photos()
    let run = fixtures.path("run")
    let training = try Program.run([
      "train", "--algorithm", "dataset", "--run", run, "--data", photos, "--steps", "4",
      "--workers", "1",
    ])
    #expect(training.code == 0, "\(training.errors)")
    let estimate = try Program.run([
      "estimate", photos + "/a.png", "--steps", "2", "--out", fixtures.path("out"),
      "--checkpoint", run + "/checkpoints/step-000000004.safetensors",
    ])
    #expect(estimate.code == 0, "\(estimate.errors)")
  }

  /// A run begins with the parameters of a checkpoint, whose hash its own checkpoints name.
  @Test func `runs begin with a checkpoint`() throws {
    let fixtures = try Fixtures()
    let photos = try fixtures.photos()
    func train(_ run: String, _ arguments: String...) throws -> Program.Outcome {
      try Program.run(
        [
          "train", "--algorithm", "dataset", "--run", fixtures.path(run), "--data", photos,
          "--steps", "1", "--workers", "1", "--set", "inner-generator-rate=0", "--set",
          "inner-discriminator-rate=0",
        ] + arguments)
    }
    let training = try train("run", "--start", fixtures.checkpoint)
    #expect(training.code == 0, "\(training.errors)")
    let start = try Checkpoint(path: fixtures.checkpoint, for: .paper)
    let trained = try Checkpoint(
      path: fixtures.path("run/checkpoints/step-000000001.safetensors"), for: .paper)
    #expect(trained.metadata["training.start"] == start.sha256)
    for name in ["generator.conv2.weight", "discriminator.conv3.bias"] {
      #expect(trained.values(name) == start.values(name), "\(name)")
    }
    // Going on with it needs the settings alone; beginning, the file.
    #expect(try train("run").code == 0)
    let nameless = try train("other", "--set", "start=" + start.sha256)
    #expect(nameless.code == 78)
    #expect(
      nameless.errors.hasSuffix(
        "begins with the checkpoint of SHA-256 \(start.sha256.prefix(12)); name its file by --start\n"))
    let wrong = try train("other", "--start", fixtures.checkpoint, "--set", "start=" + trained.sha256)
    #expect(wrong.code == 78)
    #expect(wrong.errors.contains("and the run begins with \(trained.sha256.prefix(12))"))
    #expect(try train("other", "--start", fixtures.path("none")).code == 78)
  }
}
