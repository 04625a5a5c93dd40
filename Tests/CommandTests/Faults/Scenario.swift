import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Numerics
import Platform
import Support
import Testing

/// One training of the tests' own: a few drawn pictures, a run's folder, and the programs that take part in it.
///
/// Settings that do not change the result (checkpoints, number of steps) differ between scenarios, so all can be held
/// to one undisturbed run, which kept its checkpoints on the way.
final class Scenario {
  let folder: TemporaryFolder
  let run: String
  let steps: Int
  /// Tasks of a unit of work; a step has four.
  let block: Int
  let mark = UUID().uuidString
  private var started = 0
  private let lockFiles = Scenario.lockFiles()

  /// - Parameter run: the run's folder where it is not to be the scenario's own.
  init(steps: Int, run: String? = nil, block: Int = 1) throws {
    folder = try TemporaryFolder()
    self.run = run ?? folder.file("run").path
    (self.steps, self.block) = (steps, block)
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    try drawPictures("pictures", keys: 1...5)
  }

  private var temporary: URL { folder.file("tmp") }
  var pictures: String { folder.file("pictures").path }

  func drawPictures(_ name: String, keys: ClosedRange<UInt64>) throws {
    try FileManager.default.createDirectory(at: folder.file(name), withIntermediateDirectories: true)
    for key in keys {
      var random = Philox(key: key)
      let rgb = DeadLeaves.draw(width: 256, height: 256, using: &random)
      try Picture(width: 256, height: 256, rgb: rgb).writePNG(folder.file("\(name)/\(key).png").path)
    }
  }

  // MARK: programs

  /// `train` or `coordinator` on this run, in the program's own process unless `--restarts` is among the arguments.
  func start(
    _ command: String, _ more: String..., environment: [String: String] = [:], under emulator: [String] = []
  ) throws -> RunningProgram {
    try program(arguments(command) + more, environment: environment, under: emulator)
  }

  func arguments(_ command: String) -> [String] {
    [
      command, "--restarts", "0", "--run", run, "--data", pictures, "--steps", "\(steps)",
      "--task-batch-size", "4", "--set", "adaptation-steps=10", "--set", "checkpoint-every=1", "--set",
      "keep-last=2", "--set", "evaluate-every=16", "--set", "evaluation-tasks=4",
    ] + (block == 1 ? [] : ["--set", "block=\(block)"])
  }

  func startWorker(
    _ coordinator: String, cores: Int = 1, environment: [String: String] = [:]
  ) throws -> RunningProgram {
    try program(["worker", "--coordinator", coordinator, "--cores", "\(cores)"], environment: environment)
  }

  func program(
    _ arguments: [String], environment: [String: String] = [:], under emulator: [String] = []
  ) throws -> RunningProgram {
    started += 1
    // Under `swift test`, Swift's crash handler would survive a SIGSEGV that comes from outside.
    let own = [
      MarkedProcess.variable: mark, "TMPDIR": temporary.path, "SWIFT_BACKTRACE": "enable=no",
    ]
    return try RunningProgram(
      arguments, environment: own.merging(environment) { $1 }, errors: folder.file("errors-\(started)"),
      under: emulator)
  }

  /// Where a coordinator of ours listens, once it does.
  func address(of coordinator: RunningProgram) throws -> String {
    try coordinator.waitForError("listening at ")
    let rest = try #require(coordinator.errors.components(separatedBy: "listening at ").last)
    return String(rest.prefix { !$0.isWhitespace && $0 != "," })
  }

  /// The computing processes, in the order of their numbers.
  var computing: [Int32] {
    MarkedProcess.all(mark).filter { $0.arguments.dropFirst().first == "compute" }.map(\.identifier)
  }

  /// Kills one of the computing processes, drawn by `key`, again and again; each time after some training, since on a busy
  /// machine processes get nowhere in any fixed time.
  func killWorkers(of train: RunningProgram, times: Int, key: UInt64) throws {
    var random = Philox(key: key)
    for _ in 1...times {
      if let victim = computing.randomElement(using: &random) { kill(victim, SIGKILL) }
      let step = newestStep
      try wait(for: "training to go on", log: train.errors) { !train.isRunning || newestStep > step }
    }
  }

  // MARK: what came of it

  var log: String { (try? String(contentsOfFile: run + "/train.log", encoding: .utf8)) ?? "" }

  var newestStep: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints")) ?? []
    return names.compactMap(Self.step).max() ?? -1
  }

  /// SHA-256 of the last checkpoint's file.
  func result() throws -> String { try hash(steps) }

  func hash(_ step: Int) throws -> String {
    try SHA256.hex(ofFile: run + "/checkpoints/step-" + String(format: "%09d", step) + ".safetensors")
  }

  /// The last checkpoint's tensors, by name.
  func parameters() throws -> [String: SafeTensors.Tensor] {
    try SafeTensors(path: run + "/checkpoints/step-" + String(format: "%09d", steps) + ".safetensors").tensors
  }

  private static func step(_ name: String) -> Int? {
    name.hasPrefix("step-") && name.hasSuffix(".safetensors") ? Int(name.dropFirst(5).dropLast(12)) : nil
  }

  /// Nothing of ours runs any more and nothing temporary is left.
  func expectNoLeftovers(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try expectNoProcesses()
    // Other tests' programs have lock files for a moment.
    try wait(for: "libxsmm's lock files to go") { Self.lockFiles().isSubset(of: lockFiles) }
    let names = FileManager.default.enumerator(atPath: run)?.compactMap { $0 as? String } ?? []
    let temporaries = names.filter { name in
      [".partial", "replay-"].contains { name.contains($0) }
    }
    #expect(temporaries == [], sourceLocation: sourceLocation)
    let rest = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
    #expect(rest == [], sourceLocation: sourceLocation)
  }

  /// Waits for every process of the scenario to end; what was killed takes a moment to be gone.
  func expectNoProcesses() throws {
    try wait(for: "all processes to end") { MarkedProcess.all(mark).isEmpty }
  }

  private static func lockFiles() -> Set<String> {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
    return Set(names.filter { $0.hasPrefix(".libxsmm") })
  }
}

/// The run that nothing disturbs, made once.
enum Undisturbed {
  static let steps = 40

  /// SHA-256 of its checkpoint after so many steps, a multiple of 4.
  static func result(after step: Int) throws -> String? { try hashes.get()[step] }

  private static let hashes = Result<[Int: String], any Error> {
    let scenario = try Scenario(steps: steps)
    let train = try scenario.start("train", "--workers", "2", "--set", "keep-every=4")
    let code = try train.end()
    guard code == 0 else {
      throw Hung(what: "an undisturbed run's success (it ended with \(code))", log: train.errors)
    }
    try scenario.expectNoLeftovers()
    return try Dictionary(
      uniqueKeysWithValues: stride(from: 4, through: steps, by: 4).map { ($0, try scenario.hash($0)) })
  }
}
