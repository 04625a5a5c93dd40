import ArgumentParser
import Checkpoints
import Degradation
import Estimation
import Foundation
import Imaging
import KernelGAN
import Synchronization

struct EstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Estimate the blur kernel of low-resolution pictures.",
    discussion: """
      Each picture is adapted to on its own; any PNG or JPEG works. Kernels are cross-correlation kernels of the pixels \
      as stored (an EXIF orientation is not applied): 11x11 at scale 2, 21x21 at scale 4.

      Exit codes: 0 all kernels written; 65 some picture could not be used (the others were); 69 processor too old; \
      73 a result could not be written; 78 no usable checkpoint.
      """)

  @Argument(help: "PNG or JPEG files.", completion: .file())
  var pictures: [String]

  @Option(help: "2 or 4.")
  var scale = 2

  @OptionGroup var estimation: EstimationOptions
  @OptionGroup var source: SourceOptions

  @Option(help: "Folder for the kernels; made if it is not there.", completion: .directory)
  var out = "."

  @Option(
    help: "What to write, separated by commas: npy (float32), mat (variable Kernel), png (to look at), json.")
  var format = "npy,mat,png,json"

  @Option(help: "Pictures worked on at a time, one core each. (default: the number of cores)")
  var jobs: Int?

  @Flag(help: "Print the results on standard output as JSON, one line a picture.")
  var json = false

  @Flag(help: "Print nothing but errors (and JSON, with --json).")
  var quiet = false

  func validate() throws {
    guard scale == 2 || scale == 4 else { throw ValidationError("--scale must be 2 or 4.") }
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs must be from 1 to 1024.") }
    if source.from != nil, estimation.checkpoint != nil {
      throw ValidationError("--from and --checkpoint both name a checkpoint; give one of them.")
    }
    _ = try formats()
  }

  private func formats() throws -> [KernelFiles.Format] {
    try format.split(separator: ",").map { name in
      guard let format = KernelFiles.Format(rawValue: String(name)) else {
        throw ValidationError("--format knows npy, mat, png and json, not '\(name)'.")
      }
      return format
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let files = KernelFiles(folder: out, formats: try formats(), scale: scale)
    if let (one, other) = files.collision(pictures) {
      throw ValidationError(
        "\(one) and \(other) would write the same files; estimate them into different folders (--out).")
    }
    let fetched = try source.fetch()
    if let fetched, !quiet { Console.note("checkpoint \(fetched.summary)") }
    let method = try estimation.loadMethod(fetched: fetched?.path)
    try fetched?.require(method.checkpoint)
    try makeFolder()
    try EstimationRun(self, files, method).run()
  }

  private func makeFolder() throws {
    do { try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true) } catch {
      throw Exit.because("\(out): cannot make this folder: \(error.localizedDescription)", Exit.cannotCreate)
    }
  }
}

/// The pictures of one call, shared out among threads. What a picture gets does not depend on their number; reports come
/// in the order of the arguments.
private final class EstimationRun: Sendable {
  private let command: EstimateCommand
  private let files: KernelFiles
  private let method: any EstimationMethod
  private let progress: Progress

  private struct State {
    var next = 0
    var reported = 0
    /// Finished out of turn.
    var waiting: [Int: Outcome] = [:]
    var worst: ExitCode?
  }

  private enum Outcome {
    case written(KernelReport)
    case failed(String, ExitCode)
  }

  private let state = Mutex(State())

  init(_ command: EstimateCommand, _ files: KernelFiles, _ method: any EstimationMethod) {
    (self.command, self.files, self.method) = (command, files, method)
    progress = Progress(total: command.pictures.count * max(method.steps, 1), shown: !command.quiet)
  }

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let count = min(command.jobs ?? cores, command.pictures.count)
    let threads = (1..<count).map { _ in Worker { [self] in work() } }
    work()
    for thread in threads { thread.join() }
    progress.finish()
    if let code = state.withLock({ $0.worst }) { throw code }
  }

  /// Takes pictures until none is left.
  private func work() {
    while let index = state.withLock({ state -> Int? in
      guard state.next < command.pictures.count else { return nil }
      defer { state.next += 1 }
      return state.next
    }) {
      let name = command.pictures[index]
      let outcome: Outcome
      do {
        outcome = try estimate(name)
      } catch {
        outcome = .failed("\(error)".contains(name) ? "\(error)" : "\(name): \(error)", Exit.data)
      }
      report(outcome, index)
    }
  }

  private func estimate(_ name: String) throws -> Outcome {
    let clock = ContinuousClock()
    let begin = clock.now
    let picture = try Picture.read(name)
    let found = try method.estimate(
      picture, scale: command.scale, seed: command.estimation.seed, recording: [],
      onStep: { _ in progress.advance() })
    var report = KernelReport(
      name, picture, found, scale: command.scale, method, command.estimation,
      seconds: (clock.now - begin).seconds)
    do { try files.write(found.kernel, &report) } catch { return .failed("\(error)", Exit.cannotCreate) }
    return .written(report)
  }

  private func report(_ outcome: Outcome, _ index: Int) {
    state.withLock { state in
      state.waiting[index] = outcome
      while let next = state.waiting.removeValue(forKey: state.reported) {
        say(next, &state.worst)
        state.reported += 1
      }
    }
  }

  private func say(_ outcome: Outcome, _ worst: inout ExitCode?) {
    switch outcome {
    case .failed(let reason, let code):
      progress.line("metakernelgan: \(reason)")
      worst = worst ?? code
    case .written(let report):
      for note in command.quiet ? [] : report.notes { progress.line("\(report.picture): \(note)") }
      if command.json {
        // Encoding what was just computed: finite numbers and strings, which cannot fail.
        if let line = try? report.json(pretty: false) { progress.result(line) }
      } else if !command.quiet {
        progress.result(report.summary)
      }
    }
  }
}
