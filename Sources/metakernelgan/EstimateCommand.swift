import ArgumentParser
import Estimation
import Foundation
import Imaging
import Platform
import Restoration

struct EstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Estimate the blur kernel of low-resolution pictures.",
    discussion: """
      Each picture is worked on by itself. Kernels are cross-correlation kernels of the pixels as stored (an EXIF \
      orientation is not applied): 11x11 at scale 2, 21x21 at scale 4. Files and links in a folder that are no pictures are \
      passed over with a note.

      Ctrl-C finishes the files that are being written and says how many pictures are done.

      Exit codes: 0 all kernels written; 65 some picture could not be used (the others were); 69 processor too old; \
      73 a result could not be written; 78 no usable checkpoint; 130 interrupted.
      """)

  @OptionGroup var input: PictureArguments
  @OptionGroup var scaling: ScaleOption
  @OptionGroup var estimation: EstimationOptions
  @OptionGroup var source: SourceOptions

  @Option(
    help:
      "Refine the kernels as super-resolve does, with the weights of USRNet-tiny or of the enlarger, safetensors, or shipped for the project's own. (default: not refined)",
    completion: .file())
  var srWeights: String?

  @Option(help: "Folder for the kernels; made if it is not there.", completion: .directory)
  var out = "."

  @Option(
    help: "What to write, separated by commas: npy (float32), mat (variable Kernel), png (to look at), json.")
  var format = "npy,mat,png,json"

  @OptionGroup var output: RunOptions

  func validate() throws {
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
    let pictures = try input.list(output)
    let files = KernelFiles(folder: out, formats: try formats(), scale: scaling.scale)
    try refuseCollisions(pictures, files)
    let fetched = try source.fetch()
    if let fetched, !output.quiet { Console.note("checkpoint \(fetched.summary)") }
    var options = estimation.restorerOptions(fetched: fetched?.path)
    (options.enlarges, options.enlargerWeights) = (false, srWeights)
    let restorer = try Restorer.load(options)
    try fetched?.require(restorer.method?.checkpoint)
    try Exit.unlessFolders(pictures, in: out)
    let steps = max(restorer.method?.steps ?? 0, 1)
    let progress = Progress(total: pictures.count * steps, shown: !output.quiet)
    try PictureRun(pictures, output, showing: progress) { listed in
      let picture = try Picture.read(listed.path)
      var shown = 0
      let found = try restorer.kernel(of: picture, scale: scaling.scale, seed: estimation.seed) { done in
        progress.advance(by: done - shown)
        shown = done
      }
      return {
        var report = KernelReport(found, of: picture, name: listed.path)
        try files.write(found, of: listed, &report)
        return report
      }
    }.run()
  }

  private func refuseCollisions(_ pictures: [ListedPicture], _ files: KernelFiles) throws {
    let results = pictures.map { (picture: $0.path, paths: files.paths($0)) }
    guard let collision = ResultPaths.collision(results) else { return }
    throw ValidationError(
      "\(FileName.shown(collision.other)) and \(FileName.shown(collision.picture)) would write the same files; "
        + "estimate them into different folders (--out).")
  }
}
