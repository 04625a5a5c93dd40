import ArgumentParser
import BlurKernels
import Checkpoints
import Estimation
import Foundation
import Imaging
import MetaLearning
import Networks
import Numerics
import Platform
import RunDirectory

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "The whole path: a short meta-training with two workers on drawn pictures, then a photograph enlarged.",
    discussion: """
      No data is needed. The training's own start estimates a kernel by the paper's procedure. Then the shipped weights \
      estimate a strong oblique kernel of a blurred photograph and enlarge it. Run again, it trains no further than it has.
      """)

  @Option(help: "Folder for the run, the pictures and the kernels.", completion: .directory)
  var out = "demo"

  @Option(help: "Outer steps of four tasks each.")
  var steps = 600

  @Option(help: "Seed of everything.")
  var seed: UInt64 = 0

  func run() throws {
    try Exit.unlessVectorUnit()
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let start = try train()
    let (picture, truth) = try makePicture()
    try picture.writePNG(file("picture.png"))
    try truth.write(to: file("true_kernel.npy"))
    Console.note(
      "Estimating the kernel of \(file("picture.png")), which was drawn and blurred with a known one.")
    let estimator = try Estimator(.paper)
    let progress = Progress(total: estimator.settings.steps, shown: true)
    let begin = ContinuousClock.now
    var shown = 0
    let kernel = try estimator.estimate(picture, from: start, seed: seed) { done in
      progress.advance(by: done - shown)
      shown = done
    }.kernel
    let seconds = (ContinuousClock.now - begin).seconds
    progress.finish()
    try kernel.write(to: file("estimated_kernel.npy"))
    try truth.picture(beside: kernel).writePNG(file("kernels.png"))
    try report(kernel, against: truth, seconds: seconds)
    try enlarge()
  }

  private func file(_ name: String) -> String { URL(filePath: out).appending(path: name).relativePath }

  /// Trains in the folder `run`, or finds that it is done, and copies the last checkpoint to `weights.safetensors`.
  private func train() throws -> NetworkState {
    Console.note("Meta-training \(steps) steps of four tasks on drawn pictures, with two workers.")
    let options = try TrainingOptions.parse([
      "--run", file("run"), "--steps", "\(steps)", "--task-batch-size", "4", "--rate-scaling", "sqrt",
      "--seed", "\(seed)",
      "--set", "checkpoint-every=200", "--set", "evaluate-every=1200",
    ])
    try TrainingSession(options, listen: "tcp://127.0.0.1:*", workers: 2).run()
    let store = CheckpointStore(try RunLease(RunFolder(file("run"))))
    guard let last = try store.list().last else {
      throw Exit.because("\(file("run")): no checkpoint", Exit.data)
    }
    let weights = try Checkpoint(path: last.path, for: .paper)
    try writeAtomically(
      Array(try Data(contentsOf: URL(filePath: last.path))), to: file("weights.safetensors"))
    return weights.state(.paper)
  }

  /// A drawn picture blurred by a kernel from the distribution that was trained on, and that kernel.
  private func makePicture() throws -> (Picture, BlurKernel) {
    var random = Philox(key: Philox.key(seed, .picture, .max))
    let side = 512
    let high = DeadLeaves.draw(width: side, height: side, using: &random)
    let kernel = KernelDistribution.paper.draw(using: &random)
    let picture = Picture(width: side, height: side, rgb: high)
    return (try kernel.degrade(picture, scale: 2), kernel)
  }

  private func report(_ kernel: BlurKernel, against truth: BlurKernel, seconds: Double) throws {
    func row(_ name: String, _ kernel: BlurKernel) -> String {
      let c = kernel.covariance
      return name.padding(toLength: 11, withPad: " ", startingAt: 0)
        + String(format: "sum %.3f, covariance xx %5.2f, xy %5.2f, yy %5.2f", kernel.sum, c.xx, c.xy, c.yy)
    }
    Console.result(row("true", truth))
    Console.result(row("estimated", kernel))
    Console.result(
      String(
        format: "kernel PSNR %.2f dB, LK-COV %.2f, estimated in %.2f s", try kernel.psnr(against: truth),
        kernel.covarianceDistance(to: truth), seconds))
    Console.result("\(file("kernels.png")): true kernel left, estimated right")
  }
}
