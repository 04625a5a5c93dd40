import ArgumentParser
import BlurKernels
import Checkpoints
import Estimation
import Foundation
import Imaging
import Networks

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

  @OptionGroup var output: RunOptions

  func validate() throws {
    guard scale == 2 || scale == 4 else { throw ValidationError("--scale must be 2 or 4.") }
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
    if let fetched, !output.quiet { Console.note("checkpoint \(fetched.summary)") }
    let method = try estimation.loadMethod(fetched: fetched?.path)
    try fetched?.require(method.checkpoint)
    try Exit.unlessFolder(out)
    let progress = Progress(total: pictures.count * max(method.steps, 1), shown: !output.quiet)
    try PictureRun(pictures, output, progress) { try estimate($0, method, files, progress) }.run()
  }
}

extension EstimateCommand {
  private func estimate(
    _ name: String, _ method: any EstimationMethod, _ files: KernelFiles, _ progress: Progress
  ) throws -> PictureOutcome<KernelReport> {
    let begin = ContinuousClock.now
    let picture = try Picture.read(name)
    let found = try method.estimate(
      picture, scale: scale, seed: estimation.seed, recording: [], onStep: { _ in progress.advance() })
    var report = KernelReport(
      name, picture, found, scale: scale, method, seed: estimation.seed,
      seconds: (ContinuousClock.now - begin).seconds)
    do { try files.write(found.kernel, &report) } catch { return .failed("\(error)", Exit.cannotCreate) }
    return .done(report)
  }
}
