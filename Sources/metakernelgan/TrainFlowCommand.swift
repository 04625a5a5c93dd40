import ArgumentParser
import Checkpoints
import Estimation
import Platform

struct TrainFlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-flow",
    abstract: "Train FKP's prior of blur kernels, for --method dip-fkp and kernelgan-fkp.",
    discussion: """
      The prior learns from random Gaussian kernels alone, without pictures, on one core. Equal arguments give equal \
      bytes. The file is written at the end, so an interrupted training leaves nothing behind.

      Exit codes: 0 done; 70 the training diverged; 73 the file could not be written.
      """)

  @Option(help: "The file to write (safetensors).", completion: .file()) var out: String

  @Option(help: "2: kernels of 11x11; 4: of 19x19. The methods use the one of scale 2.") var scale = 2

  @Option(help: "Epochs of 50000 random kernels.") var epochs = 100

  @Option(help: "Seed of weights and kernels.") var seed: UInt64 = 0

  @Flag(help: "Round the weights to half precision.") var half = false

  func validate() throws {
    guard scale == 2 || scale == 4 else { throw ValidationError("--scale must be 2 or 4.") }
    guard (1...10_000).contains(epochs) else { throw ValidationError("--epochs must be from 1 to 10000.") }
  }

  func run() throws {
    var training = FlowTraining(FlowTraining.Settings(scale: scale, epochs: epochs, seed: seed))
    let progress = Progress(total: epochs * FlowTraining.batchesPerEpoch, shown: true)
    while !training.isDone {
      var loss = 0.0
      for _ in 0..<FlowTraining.batchesPerEpoch {
        loss += training.advance() / Double(FlowTraining.batchesPerEpoch)
        progress.advance()
      }
      guard loss.isFinite else {
        throw Exit.because("the training left the finite numbers; try another seed", Exit.stopped)
      }
      progress.line("epoch \(training.updates / FlowTraining.batchesPerEpoch) of \(epochs): \(nats(loss))")
    }
    progress.finish()
    try write(training.model)
  }

  private func write(_ model: KernelFlow) throws {
    let metadata = ["scale": "\(scale)", "epochs": "\(epochs)", "seed": "\(seed)"]
    do {
      try SafeTensors(tensors: model.tensors(halved: half), metadata: metadata).write(to: out)
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
    // The file's values are rounded, so the figures are taken of what it holds.
    let written = try KernelFlow(path: out, scale: scale)
    print("grid of kernels: \(nats(written.gridLoss()))")
    print("fit of 32 other kernels: \(((try written.fitPSNR(count: 32)) * 100).rounded() / 100) dB")
    print("\(out) sha256 \(try SHA256.hex(ofFile: out))")
  }

  private func nats(_ loss: Double) -> String { "\((loss * 100).rounded() / 100) nats a kernel" }
}
