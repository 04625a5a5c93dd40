import ArgumentParser
import Degradation
import Estimation
import Foundation
import Imaging
import KernelGAN
import MetaLearning
import Numerics

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "The whole path on drawn pictures: some seconds of training, then an estimate beside the truth.",
    discussion: """
      No data is needed. The weights are pre-trained without an inner loop, so they are a start like the paper's \
      baseline, not like its meta-learned weights.
      """)

  @Option(help: "Folder for the pictures, the kernels and the weights.", completion: .directory)
  var out = "demo"

  @Option(help: "Pre-training steps.")
  var steps = 6000

  @Option(help: "Seed of everything.")
  var seed: UInt64 = 0

  func run() throws {
    try Exit.unlessVectorUnit()
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let weights = file("pretrained.safetensors")
    Console.note("Pre-training \(steps) steps on drawn pictures, with the meta-objective and no inner loop.")
    let network = try pretrain()
    try network.write(
      to: weights, metadata: ["algorithm": "dataset", "seed": "\(seed)", "steps": "\(steps)"])

    let (picture, truth) = try makePicture()
    try picture.writePNG(file("picture.png"))
    try truth.write(to: file("true_kernel.npy"))
    Console.note(
      "Estimating the kernel of \(file("picture.png")), which was drawn and blurred with a known one.")
    let estimator = try Estimator(.paper)
    let progress = Progress(total: estimator.settings.steps, shown: true)
    let begin = ContinuousClock.now
    let kernel = try estimator.estimate(
      picture, from: network, seed: seed, onStep: { _ in progress.advance() }
    ).kernel
    let seconds = (ContinuousClock.now - begin).seconds
    progress.finish()
    try kernel.write(to: file("estimated_kernel.npy"))
    try Self.sideBySide(truth, kernel).writePNG(file("kernels.png"))
    try report(truth, kernel, seconds)
  }

  private func file(_ name: String) -> String { URL(filePath: out).appending(path: name).relativePath }

  private func pretrain() throws -> NetworkState {
    let training = try Pretraining(NetworkState(.paper, freshFrom: seed))
    let drawn = DrawnTasks(seed: seed)
    let progress = Progress(total: steps, shown: true)
    for index in 0..<steps {
      let losses = training.step(drawn.task(index))
      progress.advance()
      if (index + 1) % max(steps / 5, 1) == 0 {
        progress.line(
          "  step \(index + 1): sum |k - true k| \(String(format: "%.3f", losses.kernel)), discriminator "
            + String(format: "%.3f", losses.discriminator))
      }
    }
    progress.finish()
    return training.network
  }

  /// A drawn picture blurred by a kernel from the distribution that was trained on, and that kernel.
  private func makePicture() throws -> (Picture, BlurKernel) {
    var random = Philox(key: Philox.key(seed, .picture, .max))
    let side = 512
    let high = DeadLeaves.draw(width: side, height: side, using: &random)
    let kernel = KernelDistribution.paper.draw(using: &random)
    let planes = (0..<3 * side * side).map { Float(high[$0 % (side * side) * 3 + $0 / (side * side)]) / 255 }
    let low = try kernel.degrade(planes, width: side, height: side, scale: 2)
    let area = low.count / 3
    let rgb = (0..<low.count).map { UInt8(min(max(low[$0 % 3 * area + $0 / 3], 0), 1) * 255) }
    return (Picture(width: side / 2, height: side / 2, rgb: rgb), kernel)
  }

  /// The true kernel on the left, the estimated one on the right, on one scale of grey, a white line between.
  static func sideBySide(_ truth: BlurKernel, _ estimate: BlurKernel) -> Picture {
    let cell = 24
    let gap = 8
    let side = truth.side * cell
    let width = 2 * side + gap
    let white = max(truth.values.max() ?? 0, estimate.values.max() ?? 0)
    let pictures = [truth, estimate].map { $0.picture(cell: cell, white: white) }
    let rgb = (0..<width * side * 3).map { index -> UInt8 in
      let (row, column) = (index / 3 / width, index / 3 % width)
      if (side..<side + gap).contains(column) { return 255 }
      let picture = column < side ? pictures[0] : pictures[1]
      return UInt8((picture[row, column < side ? column : column - side - gap, 0] * 255).rounded())
    }
    return Picture(width: width, height: side, samples: .bits8(rgb), isGrey: true)
  }

  private func report(_ truth: BlurKernel, _ kernel: BlurKernel, _ seconds: Double) throws {
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
    Console.result("look at \(file("kernels.png")): true kernel left, estimated right")
  }
}

/// Tasks from a few drawn pictures.
private struct DrawnTasks {
  private static let side = 384
  private let pictures: [[UInt8]]
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    pictures = (0..<24).map { index in
      var random = Philox(key: Philox.key(seed, .picture, UInt64(index)))
      return DeadLeaves.draw(width: Self.side, height: Self.side, using: &random)
    }
  }

  func task(_ index: Int) -> MetaTask {
    let key = Philox.key(seed, .pretraining, UInt64(index))
    let n = MetaTask.cropSide
    var random = Philox(key: key, stream: 100)
    let picture = pictures[random.below(pictures.count)]
    let top = random.below(Self.side - n)
    let left = random.below(Self.side - n)
    var crop: [UInt8] = []
    crop.reserveCapacity(n * n * 3)
    for row in top..<top + n {
      crop += picture[(row * Self.side + left) * 3..<(row * Self.side + left + n) * 3]
    }
    let kernel = KernelDistribution.paper.draw(using: &random)
    return MetaTask(crop: crop, kernel: kernel.values.map(Float.init), imageNoise: 0, key: key)
  }
}
