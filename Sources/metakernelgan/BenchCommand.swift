import ArgumentParser
import Checkpoints
import Degradation
import Estimation
import Foundation
import Imaging
import KernelGAN
import Numerics

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure this machine: its peak, an inner step and its parts, whole estimates, memory.",
    discussion: """
      Every time is the best of several, on one core. Fractions of peak count the operations that the networks are \
      defined with (\(Int(Architecture.paper.nominalOperationsPerStep / 1e6)) million a step), whatever is executed.
      """)

  @Option(help: "Steps in one measurement.")
  var steps = 200

  func run() throws {
    try Exit.unlessVectorUnit()
    let unit = try VectorUnit.current()
    let bench = StepBench(unit: unit, steps: steps)
    print("instruction set               \(unit.instructionSet.rawValue)")
    let step = try bench.measureStep()
    let peak = bench.peak
    print("peak (FMA in registers)       \(format(2 * peak / 1e9, 1)) GFLOP/s")
    print("inner step                    \(format(step * 1e3, 3)) ms, \(share(step)) of peak")
    try printParts(bench, step)
    try printEstimates(peak)

    func share(_ seconds: Double) -> String {
      format(Architecture.paper.nominalOperationsPerStep / seconds / (2 * peak) * 100, 1) + " %"
    }
  }

  private func printParts(_ bench: StepBench, _ step: Double) throws {
    var rest = step
    for part in try bench.measureParts() {
      let time = part.seconds * Double(part.count)
      rest -= time
      print(
        "  \((part.name).padding(toLength: 40, withPad: " ", startingAt: 0))\(part.count) x "
          + "\(format(part.seconds * 1e6, 1)) us = \(format(time / step * 100, 1)) %")
    }
    print(
      "  \("everything else".padding(toLength: 40, withPad: " ", startingAt: 0))\(format(rest / step * 100, 1)) %"
    )
  }

  private func printEstimates(_ peak: Double) throws {
    let whole = try EstimateBench()
    let work = Architecture.paper.nominalOperationsPerStep * 200
    let (seconds, resident) = try whole.measureEstimate()
    print(
      "200-step estimate             \(format(seconds, 3)) s, \(format(work / seconds / (2 * peak) * 100, 1)) % of peak "
        + "(paper mode, 510x339, in a process already running)")
    print("peak memory of `estimate`     \(format(resident, 0)) MB (2040x1356)")
    let ratio = try whole.measureJobs()
    print("throughput, --jobs 2 over 1   \(format(ratio, 2))")
  }
}

private func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// Measures steps in this process.
private final class StepBench {
  let unit: VectorUnit
  let steps: Int
  private(set) var peak = 0.0
  private var workspace: (AdaptationStep, NetworkState)?

  init(unit: VectorUnit, steps: Int) { (self.unit, self.steps) = (unit, max(steps, 1)) }

  /// Seconds of one step with its fresh noise, best of several measurements; the peak is measured between them.
  func measureStep() throws -> Double {
    let step = try AdaptationStep(.paper)
    let state = NetworkState(.paper, freshFrom: 1)
    let input = step.input
    var random = Philox(key: 1)
    for buffer in [input.regions, input.real] {
      for i in 0..<buffer.count { buffer.pointer[i] = Float(random.uniform()) }
    }
    step.prepare(state)
    workspace = (step, state)
    var best = Double.infinity
    for _ in 0..<8 {
      peak = max(peak, unit.measurePeak(tries: 3))
      best = min(
        best,
        seconds(steps) { index in
          for (noise, stream) in [(input.noiseReal, UInt64(0)), (input.noiseFake, 1)] {
            Philox.normals(
              key: UInt64(index), stream: stream, into: noise.pointer, count: noise.count, unit: unit)
          }
          _ = step.run(state, .paper)
        })
    }
    return best
  }

  func measureParts() throws -> [(name: String, count: Int, seconds: Double)] {
    guard let (step, state) = workspace else { return [] }
    return step.parts(state).map { part in
      (part.name, part.count, (0..<8).map { _ in seconds(steps) { _ in part.run() } }.min() ?? 0)
    }
  }

  private func seconds(_ count: Int, _ body: (Int) -> Void) -> Double {
    ContinuousClock().measure { for index in 0..<count { body(index) } }.seconds / Double(count)
  }
}

/// Measures whole estimates: this program on drawn pictures, from networks at random (their values do not change the
/// time).
private final class EstimateBench {
  private let folder: URL
  private let checkpoint: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "metakernelgan-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    checkpoint = folder.appending(path: "start.safetensors").path
    try NetworkState(.paper, freshFrom: 1).write(to: checkpoint, metadata: [:])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func draw(_ width: Int, _ height: Int) throws -> Picture {
    var random = Philox(key: 2)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  /// Seconds of one 200-step estimate in this process, and the resident megabytes of the command on a large picture.
  func measureEstimate() throws -> (seconds: Double, megabytes: Double) {
    let small = folder.appending(path: "small.png").path
    let large = folder.appending(path: "large.png").path
    try draw(510, 339).writePNG(small)
    try draw(2040, 1356).writePNG(large)
    let estimator = try Estimator(.paper)
    let start = try Checkpoint(path: checkpoint, for: .paper).state(.paper)
    var best = Double.infinity
    for _ in 0..<6 {
      best = min(
        best,
        try ContinuousClock().measure {
          _ = try estimator.estimate(try Picture.read(small), from: start, seed: 0)
        }.seconds)
    }
    try run([large, "--steps", "20"])
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return (best, Double(usage.ru_maxrss) / 1024)
  }

  /// How much faster two jobs are than one over twelve pictures, median of three pairs.
  func measureJobs() throws -> Double {
    let names = try (0..<12).map { index in
      let path = folder.appending(path: "\(index).png").path
      try draw(200, 200).writePNG(path)
      return path
    }
    let ratios = try (0..<3).map { _ in
      let one = try ContinuousClock().measure { try run(names + ["--jobs", "1"]) }.seconds
      return try one / ContinuousClock().measure { try run(names + ["--jobs", "2"]) }.seconds
    }
    return ratios.sorted()[1]
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["estimate", "--quiet", "--checkpoint", checkpoint, "--out", folder.path] + arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Exit.because("the measured estimate failed", .failure) }
  }
}
