import ArgumentParser
import Checkpoints
import Comparison
import Estimation
import Foundation
import Platform
import SuperResolution

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Compare methods on benchmarks: kernels with the true ones, enlarged pictures with the originals.",
    discussion: """
      A benchmark is a folder with LR/NAME.png, kernel/NAME.mat (or .npy) and, in it or beside it, HR/NAME.png. Every \
      measurement is kept in --out the moment it is made: the same call again goes on where it was, and measures only \
      what is new. The tables are printed, and written to --out with everything else (report.md, .csv, .json, .html).

      Exit codes: 0 everything measured; 65 some picture is broken, missing or could not be measured (named, and left \
      out of the means); 69 processor too old; 73 --out cannot be written; 78 no usable weights.
      """)

  @Option(parsing: .singleValue, help: "Folder of a benchmark; repeat for several.", completion: .directory)
  var bench: [String]

  @Option(
    help: "Folder of the original pictures. (default: HR in the benchmark or beside it)",
    completion: .directory)
  var hr: String?

  @Option(help: "2 or 4. (default: by the sizes of the pictures)")
  var scale: Int?

  @Option(
    parsing: .singleValue,
    help: "A method, as `estimate` knows them; repeat to compare. (default: metakernelgan)")
  var method: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Weights to start from, [label=]path, or [label=]shipped for the project's own; repeat to compare. (default: shipped)",
      valueName: "weights"))
  var checkpoint: [String] = []

  @Option(help: "best or paper, as for `estimate`.")
  var mode: MethodOptions.Mode?

  @Option(help: "Runs, with seeds 0, 1, ..")
  var runs = 5

  @Option(
    help: ArgumentHelp(
      "Adaptation steps to measure at, separated by commas; last is the method's own number.",
      valueName: "list"))
  var steps = "last"

  @Flag(help: "Compare kernels only: seconds instead of minutes, and no original pictures needed.")
  var kernelsOnly = false

  @Option(
    help:
      "Weights to enlarge with: a safetensors file of USRNet-tiny or of the enlarger, or closed-form for no network. (default: the shipped enlarger)",
    completion: .file()
  )
  var srWeights: String?

  @Option(
    help: ArgumentHelp(
      "Image noise that the enlarging is told, in 8-bit levels, or auto to estimate it. (default: the paper's, 10 on "
        + "benchmarks named *noise_img, else 0)",
      valueName: "level"))
  var srNoise: String?

  @Option(
    help: """
      Guard results as super-resolve does: high, normal or off. Bicubic interpolation is then compared on the benchmark's \
      grid, where it is 1 to 4 dB better than the papers' figures. (default: results and bicubic as in the papers)
      """)
  var fidelity: Fidelity?

  @Flag(help: "Refine predicted kernels with the weights that enlarge, as super-resolve does.")
  var refine = false

  @OptionGroup var work: JobsOption

  @Option(help: "Folder for measurements and reports; made if it is not there.", completion: .directory)
  var out = "evaluation"

  @Option(help: "Write the page here. (default: report.html in --out)", completion: .file())
  var html: String?

  func validate() throws {
    func require(_ holds: Bool, _ message: String) throws { if !holds { throw ValidationError(message) } }
    try ScaleOption.check(scale)
    try require((1...1000).contains(runs), "--runs must be from 1 to 1000.")
    try require(
      !kernelsOnly || (srWeights == nil && srNoise == nil && fidelity == nil),
      "--kernels-only enlarges nothing; leave --sr-weights, --sr-noise and --fidelity away.")
    try require(Set(Bench.names(bench)).count == bench.count, "--bench names one folder twice.")
    _ = try (stepList(), noise(), methods())
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let candidates = try makeCandidates()
    let enlarging = try kernelsOnly ? nil : makeEnlarging()
    let benches = try readBenches()
    try makeFolders()
    let evaluation = Evaluation(
      version: MetaKernelGAN.version, benches: benches, candidates: candidates, runs: runs,
      enlarging: enlarging,
      crops: folder("crops").path)
    let ledger = try openLedger()
    let faults = benches.flatMap { $0.faults.map(\.description) } + (try measure(evaluation, ledger))
    try write(
      evaluation.report(from: ledger, noise: noise(), faults: faults), evaluation.gallery(from: ledger))
    if !faults.isEmpty { throw Exit.data }
  }
}

// MARK: What is wanted

extension EvaluateCommand {
  private func stepList() throws -> [Candidate.Steps] {
    try steps.split(separator: ",").map { part in
      if part == "last" { return .last }
      guard let number = Int(part), (0...1_000_000).contains(number) else {
        throw ValidationError("--steps must be numbers from 0 to 1000000, or last, not '\(part)'.")
      }
      return .number(number)
    }
  }

  /// Nil where nothing is enlarged.
  private func noise() throws -> NoiseLevel? {
    if kernelsOnly { return nil }
    guard let srNoise else { return .paper }
    if srNoise == "auto" { return .estimated }
    guard let level = Double(srNoise), (0...255).contains(level) else {
      throw ValidationError("--sr-noise must be from 0 to 255, or auto, not '\(srNoise)'.")
    }
    return .fixed(level)
  }

  private func methods() throws -> [any EstimationMethod.Type] {
    try (method.isEmpty ? [MetaKernelGANMethod.name] : method).map { name in
      guard let type = EstimationMethods.named(name) else {
        throw ValidationError(
          "--method knows \(EstimationMethods.all.map { $0.name }.joined(separator: ", ")), not '\(name)'.")
      }
      return type
    }
  }

  private func makeCandidates() throws -> [Candidate] {
    let weights = checkpoint.map { argument in
      Candidate.Weights(argument, fileExists: FileManager.default.fileExists(atPath:))
    }
    var options = MethodOptions()
    (options.mode, options.refinement) = (mode, refine ? srWeights ?? EnlargerChoice.shippedName : nil)
    let candidates: [Candidate]
    do {
      candidates = try Candidate.all(methods(), weights: weights, options: options, steps: stepList())
    } catch let error as ValidationError { throw error } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
    if !weights.isEmpty, candidates.allSatisfy({ $0.checkpoint == nil }) {
      throw ValidationError("--checkpoint: none of these methods starts from weights; leave it away.")
    }
    return candidates
  }

  private func makeEnlarging() throws -> Evaluation.Enlarging {
    do {
      let resolver = try SuperResolver(weights: EnlargerChoice(srWeights))
      return Evaluation.Enlarging(
        name: resolver.name, weights: srWeights, sha256: resolver.sha256, fidelity: fidelity,
        kernelNoise: { resolver.kernelNoise($0, scale: $1) })
    } catch { throw Exit.because(error, Exit.configuration) }
  }

  private func readBenches() throws -> [Bench] {
    let noise = try noise()
    do {
      let benches = try zip(bench, Bench.names(bench)).map { folder, name in
        try Bench(folder: folder, name: name, highResolution: hr, scale: scale, noise: noise)
      }
      for bench in benches {
        for note in bench.notes { Console.note(note) }
        for fault in bench.faults { Console.complain(fault.description) }
        if bench.pairs.isEmpty { throw Exit.because("\(bench.folder): no picture can be used", Exit.data) }
      }
      return benches
    } catch let error as EvaluationError { throw Exit.because(error, Exit.data) }
  }
}

// MARK: Measuring and writing

extension EvaluateCommand {
  private func folder(_ name: String) -> URL { URL(filePath: out).appending(path: name) }

  private func makeFolders() throws {
    do {
      try FileManager.default.createDirectory(at: folder("crops"), withIntermediateDirectories: true)
    } catch {
      throw Exit.because("\(out): cannot make this folder: \(error.localizedDescription)", Exit.cannotCreate)
    }
  }

  private func openLedger() throws -> Ledger {
    do {
      let ledger = try Ledger(path: folder("measurements.jsonl").path)
      for line in ledger.foreignLines {
        Console.note("\(ledger.path), line \(line): no measurement of this program; left as it is")
      }
      return ledger
    } catch { throw Exit.because(error, Exit.cannotCreate) }
  }

  /// - Returns: what could not be measured.
  private func measure(_ evaluation: Evaluation, _ ledger: Ledger) throws -> [String] {
    let child = MeasuringChild(folder: folder("crops"))
    let progress = Progress(total: evaluation.outstanding(in: ledger), shown: true)
    defer { progress.finish() }
    do {
      let faults = try evaluation.run(
        ledger, jobs: work.count, measure: child.measure,
        onOutcome: { progress.advance() })
      for fault in faults { progress.line("metakernelgan: " + fault) }
      return faults
    } catch { throw Exit.because(error, Exit.cannotCreate) }
  }

  private func write(_ report: Report, _ gallery: Gallery) throws {
    Console.result(report.markdown)
    do {
      try writeAtomically(Array(report.markdown.utf8), to: folder("report.md").path)
      try writeAtomically(Array(report.csv.utf8), to: folder("report.csv").path)
      try writeAtomically(Array(report.json()), to: folder("report.json").path)
      try writeAtomically(Array(report.page(gallery).utf8), to: html ?? folder("report.html").path)
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
  }
}
