import ArgumentParser
import Degradation
import Estimation
import Foundation
import Imaging
import Synchronization

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure estimated kernels against the true ones of a benchmark.",
    discussion: """
      A benchmark is a folder with LR/NAME.png and kernel/NAME.mat. Each picture is estimated with seeds 0, 1, ..; printed \
      are the means over pictures, and their mean and standard deviation over seeds.

      Exit codes: 0 all pairs measured; 65 some pair is broken or missing (named, and left out of the means).
      """)

  @Option(help: "Folder of the benchmark.", completion: .directory)
  var bench: String

  @Option(
    name: .customLong("checkpoint"), parsing: .singleValue,
    help: "Weights to start from; repeat to compare. (default: those that the project ships)")
  var checkpoints: [String] = []

  @Option(help: "Seeds.")
  var runs = 5

  @Option(help: "2 or 4.")
  var scale = 2

  @Option(help: "Adaptation steps.")
  var steps = 200

  func validate() throws {
    guard scale == 2 || scale == 4 else { throw ValidationError("--scale must be 2 or 4.") }
    guard (1...1000).contains(runs) else { throw ValidationError("--runs must be from 1 to 1000.") }
    guard (0...1_000_000).contains(steps) else { throw ValidationError("--steps must be from 0 to 1000000.") }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let (pairs, broken) = try loadPairs()
    for reason in broken { Console.complain(reason) }
    guard !pairs.isEmpty else {
      throw Exit.because("\(bench): no pair of LR/NAME.png and kernel/NAME.mat", Exit.data)
    }
    print("\(pairs.count) pictures, \(runs) runs   kernel PSNR (dB)     LK-COV")
    for path in checkpoints.isEmpty ? [nil] : checkpoints.map(Optional.init) {
      var options = MethodOptions()
      (options.checkpoint, options.steps) = (path, steps)
      let method: MetaKernelGANMethod
      do { method = try MetaKernelGANMethod(options) } catch {
        throw Exit.because("\(error)", Exit.configuration)
      }
      print(row(method.checkpoint?.path ?? "", try measure(pairs, method)))
    }
    if !broken.isEmpty { throw Exit.data }
  }

  private struct Pair: Sendable {
    let picture: Picture
    let truth: BlurKernel
  }

  private struct Score: Sendable {
    let seed: Int, psnr: Double, distance: Double
  }

  private func loadPairs() throws -> (pairs: [Pair], broken: [String]) {
    let folder = URL(filePath: bench)
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "LR").path).sorted()
    } catch {
      throw Exit.because("\(bench): holds no folder LR with pictures", Exit.data)
    }
    var pairs: [Pair] = []
    var broken: [String] = []
    for name in names where name.hasSuffix(".png") {
      do {
        let kernel = folder.appending(path: "kernel/" + name.replacing(".png", with: ".mat")).path
        pairs.append(
          Pair(
            picture: try Picture.read(folder.appending(path: "LR/\(name)").path),
            truth: try BlurKernel.read(kernel)))
      } catch { broken.append("\(error)") }
    }
    return (pairs, broken)
  }

  /// One mean over the pictures for each seed.
  private func measure(_ pairs: [Pair], _ method: MetaKernelGANMethod) throws -> [Score] {
    let scores = Mutex<[Int: Result<Score, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: pairs.count * runs) { [scale] index in
      let (pair, seed) = (pairs[index / runs], index % runs)
      let score = Result {
        let kernel = try method.estimate(
          pair.picture, scale: scale, seed: UInt64(seed), recording: [], onStep: { _ in }
        ).kernel
        return Score(
          seed: seed, psnr: try kernel.psnr(against: pair.truth),
          distance: kernel.covarianceDistance(to: pair.truth))
      }
      scores.withLock { $0[index] = score }
    }
    // In one order, so that equal calls print equal digits.
    let all = try scores.withLock { try $0.sorted { $0.key < $1.key }.map { try $0.value.get() } }
    return (0..<runs).map { seed in
      let own = all.filter { $0.seed == seed }
      let count = Double(own.count)
      return Score(
        seed: seed, psnr: own.reduce(0) { $0 + $1.psnr } / count,
        distance: own.reduce(0) { $0 + $1.distance } / count)
    }
  }

  private func row(_ path: String, _ scores: [Score]) -> String {
    func spread(_ values: [Double]) -> String {
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count - 1, 1)))
        .squareRoot()
      return String(format: "%6.2f +- %.2f", mean, deviation)
    }
    return "\(spread(scores.map(\.psnr)))   \(spread(scores.map(\.distance)))   \(path)"
  }
}
