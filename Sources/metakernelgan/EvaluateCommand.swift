import ArgumentParser
import Comparison
import Estimation
import Foundation
import SuperResolution

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Compare methods on benchmarks: kernels with the true ones, enlarged pictures with the originals.",
    discussion: """
      A benchmark is a folder with LR/NAME.png, kernel/NAME.mat (or .npy) and, in it or beside it, HR/NAME.png. Every \
      measurement is kept in --out the moment it is made: the same call again goes on where it was, and measures only \
      what is new. The tables are printed, and written to --out with everything else (report.md, .csv, .json, .html). \
      --results compares what any other tool made. Ctrl-C ends it at once; what was measured is kept.

      Exit codes: 0 everything measured; 65 some picture or result is broken, missing or could not be measured (named, and \
      left out of the means); 69 processor too old; 73 --out cannot be written; 78 no usable weights; 130 interrupted.
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
    help: ArgumentHelp(
      """
      Of originals larger than so many pixels a side, use only the central part: crop the original and the low-resolution \
      picture before anything is done with them, for every row alike. The paper uses 600 for the methods that make the \
      picture as well, whose cost grows with its area. (default: whole pictures)
      """, valueName: "side"))
  var crop: Int?

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
    parsing: .singleValue,
    help: ArgumentHelp(
      "Image noise that the enlarging is told, in 8-bit levels, or auto to estimate it, or paper: 10 on benchmarks named "
        + "*noise_img, else 0. Repeat to compare; each level has rows of its own. (default: paper)",
      valueName: "level"))
  var srNoise: [String] = []

  @Option(
    help: """
      Guard results as super-resolve does: high, normal or off. Bicubic interpolation is then compared on the benchmark's \
      grid, where it is 1 to 4 dB better than the papers' figures. (default: results and bicubic as in the papers)
      """)
  var fidelity: Fidelity?

  @Flag(help: "Refine predicted kernels with the weights that enlarge, as super-resolve does.")
  var refine = false

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      Another tool's results: a folder of kernels (PICTURE.npy, .mat or .png), of enlarged pictures (PICTURE.png), or of \
      both, named after the benchmark's pictures; repeat to compare. Of several benchmarks, each has a folder of its name in \
      the folder. docs/compare.md has examples.
      """, valueName: "name=folder"))
  var results: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Which tool's rules the kernels of --results follow, fkp, kernelgan, usrnet or usrnet-shifted; NAME=RULES for the "
        + "results of one name. (default: fkp)", valueName: "rules"))
  var kernelConvention: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compare every row with this one, picture by picture: mean differences, 95 % intervals, pictures won and lost. "
        + "A row's label, or a beginning of it that no other row has.", valueName: "row"))
  var against: String?

  @OptionGroup var work: JobsOption

  @Option(help: "Folder for measurements and reports; made if it is not there.", completion: .directory)
  var out = "evaluation"

  @Option(help: "Write the page here. (default: report.html in --out)", completion: .file())
  var html: String?

  func validate() throws {
    func require(_ holds: Bool, _ message: String) throws { if !holds { throw ValidationError(message) } }
    try ScaleOption.check(scale)
    try CropSide.check(crop)
    try require((1...1000).contains(runs), "--runs must be from 1 to 1000.")
    try require(
      !kernelsOnly || (srWeights == nil && srNoise.isEmpty && fidelity == nil),
      "--kernels-only enlarges nothing; leave --sr-weights, --sr-noise and --fidelity away.")
    try require(Set(Bench.names(bench)).count == bench.count, "--bench names one folder twice.")
    _ = try (stepList(), noises(), methods(), requests())
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let methods = try comparedMethods()
    let enlarging = try kernelsOnly ? nil : makeEnlarging()
    let benches = try readBenches()
    let results = try readResults(benches, besides: methods)
    try makeFolders()
    let evaluation = Evaluation(
      version: MetaKernelGAN.version, benches: benches, methods: methods, results: results,
      runs: runs, enlarging: enlarging, crops: folder("crops").path)
    let row = try against.map { try chosenRow($0, evaluation) }
    let ledger = try openLedger()
    let broken = benches.flatMap(\.faults) + results.flatMap(\.faults)
    let faults = broken.map(\.description) + (try measure(evaluation, ledger))
    try write(
      evaluation.report(from: ledger, faults: faults, against: row), evaluation.gallery(from: ledger))
    if !faults.isEmpty { throw Exit.data }
  }
}
