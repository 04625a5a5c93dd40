import ArgumentParser
import Benches
import Foundation
import Networks
import Numerics

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract:
      "Measure this machine: its peak, an inner step and its parts, whole estimates, meta-training, serving.",
    discussion: """
      Every time is the best of several, on one core. Fractions of peak count the operations that the networks are \
      defined with (\(Int(Architecture.paper.nominalOperationsPerStep / 1e6)) million a step), whatever is executed.
      """)

  @Flag(help: "Measure briefly, to see that all is there; the figures are not to be trusted.")
  var quick = false

  @Flag(help: "Measure only super-resolution.")
  var superResolution = false

  @Flag(help: "Measure only the serving of checkpoints.")
  var serving = false

  @Flag(help: "Measure only the coordinator of a training, with up to 1,000 workers that compute nothing.")
  var coordinator = false

  @Flag(help: "Measure only estimates through HTTP.")
  var http = false

  func run() throws {
    try Exit.unlessVectorUnit()
    if serving { return try printServing(BenchFolder()) }
    if coordinator {
      let folder = try BenchFolder()
      return try printCoordinator(CoordinatorBench(folder, data: TrainingBench(folder).data))
    }
    if superResolution {
      let peak = try VectorUnit.current().measurePeak()
      return try printSuperResolution(SuperResolutionBench(BenchFolder()), peak: peak)
    }
    if http { return try printHTTP(BenchFolder()) }
    let bench = try StepBench(steps: quick ? 2 : 200)
    print("instruction set               \(bench.instructionSet)")
    let step = try bench.measureStep()
    print("peak (FMA in registers)       \(format(2 * bench.peak / 1e9, 1)) GFLOP/s")
    print("inner step                    \(format(step * 1e3, 3)) ms, \(bench.share(1, step)) of peak")
    try printParts(bench, step)
    let folder = try BenchFolder()
    try printEstimates(folder, bench)
    try printSuperResolution(SuperResolutionBench(folder), peak: bench.peak)
    let training = try TrainingBench(folder)
    try printTraining(training, bench)
    try printCoordinator(CoordinatorBench(folder, data: training.data))
    try printServing(folder)
    try printHTTP(folder)
  }

  private func printHTTP(_ folder: BenchFolder) throws {
    let bench = try HTTPBench(folder)
    let runs = try Publishing.watch([folder.path]) { _ in }
    guard let service = try Publishing.startHTTP("127.0.0.1:0", runs, log: { _ in }) else { return }
    defer { service.close() }
    print("estimates through HTTP, and of `estimate` (510x339):")
    for (name, pictures, options, query) in [
      ("by default", 200, [String](), ""), ("200 steps", 24, ["--steps", "200"], "?steps=200"),
    ] {
      let found = try bench.measure(
        quick ? 2 : pictures, pairs: quick ? 1 : 5, port: service.address.port, options: options,
        query: query)
      print(
        "  \(name.padding(toLength: 28, withPad: " ", startingAt: 0))\(format(found.http, 1)) and "
          + "\(format(found.command, 1)) a second, \(format(found.ratio * 100, 0)) %")
    }
  }

  private func printServing(_ folder: BenchFolder) throws {
    try ServingBench(folder, log: { Console.complain($0) }).measure(estimators: 500, pairs: quick ? 1 : 5)
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

  private func printEstimates(_ folder: BenchFolder, _ bench: StepBench) throws {
    let whole = try EstimateBench(folder)
    let (seconds, resident) = try whole.measureEstimate(tries: quick ? 1 : 6)
    print(
      "200-step estimate             \(format(seconds, 3)) s, \(bench.share(200, seconds)) of peak "
        + "(paper mode, 510x339, in a process already running)")
    print("peak memory of `estimate`     \(format(resident, 0)) MB (2040x1356)")
    let ratio = try whole.measureJobs(pictures: quick ? 2 : 12, pairs: quick ? 1 : 3)
    print("throughput, --jobs 2 over 1   \(format(ratio, 2))")
  }

  private func printSuperResolution(_ bench: SuperResolutionBench, peak: Double) throws {
    for (scale, side) in quick ? [(2, 32), (4, 16)] : [(2, 256), (4, 128)] {
      let found = try bench.measure(side: side, scale: scale, tries: quick ? 1 : 7)
      let large = Double(scale * scale * side * side)
      let rate = SuperResolutionBench.multiplyAdds(scale: scale) * Double(side * side) / found.enlarger
      print(
        "super-resolution, scale \(scale)     enlarger \(format(found.enlarger, 3)) s, USRNet-tiny "
          + "\(format(found.usrNet, 3)) s, \(format(found.ratio, 2)) times as fast (\(side)x\(side))")
      print(
        "  enlarger                    \(format(large / found.enlarger / 1e6, 2)) enlarged megapixels a second a core, "
          + "\(format(rate / peak * 100, 0)) % of peak, counted as direct convolutions")
    }
    let (width, height) = quick ? (100, 60) : (4000, 3000)
    let (seconds, resident) = try bench.measureCommand(width: width, height: height)
    print(
      "`super-resolve`               \(format(seconds, 1)) s, \(format(resident, 0)) MB at most (\(width)x\(height) at "
        + "scale 2, all cores)")
  }

  private func printTraining(_ training: TrainingBench, _ bench: StepBench) throws {
    let task = try training.measureTask(tries: quick ? 2 : 40)
    print(
      "meta-training task            \(format(task * 1e3, 1)) ms, "
        + "\(bench.share(TrainingBench.passes, task)) of peak (25 steps, 5 evaluations)")
    let (ratio, share) = try training.measureWorkers(pairs: quick ? 1 : 3, steps: quick ? 1 : 6)
    print("throughput, 2 workers over 1  \(format(ratio, 2))")
    print("coordinator's processor time  \(format(share * 100, 2)) % of two workers'")
  }

  private func printCoordinator(_ bench: CoordinatorBench) throws {
    print("coordinator, with workers that answer at once:")
    for block in [1, 8] {
      for count in quick ? [1, 10, 100] : [1, 10, 100, 500, 1000] {
        let span = try bench.measure(standIns: count, block: block, results: quick ? 200 : 16_000 / block)
        let load = span.coordinatorSeconds / span.seconds
        print(
          "  \("\(count) connected, block \(block)".padding(toLength: 28, withPad: " ", startingAt: 0))"
            + "\(format(span.tasksPerSecond / Double(block), 0)) results/s, \(format(load, 2)) cores, "
            + "\(format(span.peakMegabytes, 0)) MB at most")
      }
    }
  }
}

private func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
