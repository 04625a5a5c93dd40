import ArgumentParser
import BlurKernels
import Foundation
import Imaging
import Platform
import Restoration

struct SuperResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "super-resolve",
    abstract: "Enlarge pictures: estimate the blur kernel, then undo the blur with a network.",
    discussion: """
      Each picture gives NAME_x2.png, with its depth and colour profile, upright (an EXIF orientation is applied), and \
      lying where a plain enlargement would put it. The project's own enlarger comes with the program; \
      --sr-weights takes another network's weights (scripts/convert_usrnet.py makes USRNet-tiny's from the published file).

      Ctrl-C finishes the files that are being written and says how many pictures are done.

      Exit codes: 0 all pictures enlarged; 64 a wrong option; 65 some picture or the kernel could not be used; 69 processor \
      too old; 73 a result could not be written; 78 no usable checkpoint or weights; 130 interrupted.
      """)

  @OptionGroup var input: PictureArguments

  @Option(help: "2 or 4; 3 with --kernel.")
  var scale = 2

  @Option(
    help:
      "Weights of USRNet-tiny or of the enlarger, safetensors; or closed-form for no network. (default: the shipped enlarger; at scale 3 the closed form)",
    completion: .file())
  var srWeights: String?

  @Option(
    help:
      "Use this kernel (.npy, .mat, .png) in place of estimating one. Values that do not sum to 1 are divided by their sum.",
    completion: .file())
  var kernel: String?

  @Option(help: ArgumentHelp("Which tool's rules the kernel of --kernel follows.", valueName: "name"))
  var kernelConvention = KernelConvention.fkp

  @Option(
    help: ArgumentHelp(
      """
      The pictures' noise, a standard deviation from 0 to 255 levels; or auto, which estimates it (Ponomarenko and others, \
      IGARSS 2007) and takes more where the kernel is uncertain.
      """, valueName: "level"))
  var noise = NoiseChoice.estimated

  @Option(
    help: """
      high, normal or off: how cautiously pictures are enlarged whose noise a camera's processing or a print's screen has \
      shaped, which enlargers take for detail. Less of the network's result is used there; off uses all of it.
      """)
  var fidelity = Fidelity.normal

  @Flag(
    help: """
      Use the predicted kernel as it is. Otherwise, with --sr-weights, a part of the picture is enlarged twice before, to \
      find out whether the kernel is a Gaussian or a uniform disk, and at scale 2 what else it has.
      """)
  var plainKernel = false

  @Flag(
    help: """
      The pictures are a benchmark's: blurred as if they repeated beyond their border, results on the grid of its \
      high-resolution pictures (as evaluate does it).
      """)
  var benchmark = false

  @Flag(help: "Also write NAME_x2_sheet.png: the picture enlarged plainly, the kernel, the result.")
  var contactSheet = false

  @Option(help: "Folder for the results; made if it is not there.", completion: .directory)
  var out = "."

  @OptionGroup var output: RunOptions
  @OptionGroup var estimation: EstimationOptions

  func validate() throws {
    guard (2...4).contains(scale) else { throw ValidationError("--scale must be 2, 3 or 4.") }
    guard scale != 3 || kernel != nil else {
      throw ValidationError("--scale 3 needs --kernel: kernels are estimated for scales 2 and 4.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let pictures = try input.list(output)
    try refuseCollisions(pictures)
    let restorer = try loadRestorer()
    try Exit.unlessFolders(pictures, in: out)
    let work = Enlarging(
      command: self, restorer: restorer, threads: pictures.count == 1 ? output.work.count : 1)
    let progress = Progress(total: pictures.count * 2 * work.units, shown: !output.quiet)
    try PictureRun(pictures, output, progress) { try work.run($0, progress) }.run()
  }

  /// `<picture's name>_x<scale><suffix>.png` in the folder.
  func path(_ picture: ListedPicture, suffix: String = "") -> String {
    ResultPaths.path(picture, in: out, suffix: "_x\(scale)\(suffix).png")
  }

  /// No result may overwrite another, nor a picture that is still to be read.
  private func refuseCollisions(_ pictures: [ListedPicture]) throws {
    let results = pictures.map { picture in
      (
        picture: picture.path,
        paths: (contactSheet ? ["", "_sheet"] : [""]).map { path(picture, suffix: $0) }
      )
    }
    guard let collision = ResultPaths.collision(results) else { return }
    throw ValidationError(
      "\(FileName.shown(collision.path)) would overwrite what belongs to \(FileName.shown(collision.other)); choose "
        + "another folder (--out).")
  }

  private func loadRestorer() throws -> Restorer {
    var options = estimation.restorerOptions()
    (options.enlargerWeights, options.refinesKernels) = (srWeights, !plainKernel)
    if let kernel {
      do {
        options.kernel = try GivenKernel(path: kernel, convention: kernelConvention, scale: scale)
      } catch { throw Exit.because(error, Exit.data) }
    }
    return try Restorer.load(options)
  }
}

extension NoiseChoice: ExpressibleByArgument {
  public init?(argument: String) {
    if argument == "auto" {
      self = .estimated
    } else if let level = Double(argument), (0...255).contains(level) {
      self = .level(level)
    } else {
      return nil
    }
  }

  public var defaultValueDescription: String {
    switch self {
    case .estimated: "auto"
    case .level(let level): "\(level)"
    }
  }
}

extension KernelConvention: ExpressibleByArgument {}
extension Fidelity: ExpressibleByArgument {}

/// The work on one picture.
private struct Enlarging: Sendable {
  let command: SuperResolveCommand
  let restorer: Restorer
  /// What is counted for progress, of estimating and of enlarging each.
  let units: Int
  /// Tiles at a time.
  let threads: Int

  init(command: SuperResolveCommand, restorer: Restorer, threads: Int) {
    (self.command, self.restorer, self.threads) = (command, restorer, threads)
    units = max(restorer.method?.steps ?? 0, 100)
  }

  func run(
    _ listed: ListedPicture, _ progress: Progress
  ) throws -> PictureRun<SuperResolutionReport>.Writing {
    let picture = try Picture.read(listed.path)
    var order = Restorer.Order(scale: command.scale)
    (order.noise, order.seed) = (command.noise, command.estimation.seed)
    order.fidelity = command.fidelity
    order.grid = command.benchmark ? .benchmark : .photograph
    order.threads = threads
    var shown = 0
    let restored = try restorer.restore(picture, order) { stage in
      let done =
        switch stage {
        case .estimating(let steps): steps
        case .enlarging(let done, let all): units + units * done / all
        }
      progress.advance(by: done - shown)
      shown = done
    }
    return { try write(restored, picture, listed) }
  }

  private func write(
    _ restored: RestoredPicture, _ picture: Picture, _ listed: ListedPicture
  ) throws -> SuperResolutionReport {
    let paths = SuperResolutionReport.Paths(
      picture: listed.path, result: command.path(listed),
      contactSheet: command.contactSheet ? command.path(listed, suffix: "_sheet") : nil,
      kernel: command.kernel)
    try save(restored.picture, paths.result)
    if let sheet = paths.contactSheet {
      try save(
        ContactSheet.picture(
          of: picture, kernel: restored.kernel.kernel, result: restored.picture, scale: restored.scale), sheet
      )
    }
    return SuperResolutionReport(restored, of: picture, paths)
  }

  private func save(_ picture: Picture, _ path: String) throws {
    try writeAtomically(try picture.encodePNG(name: path), to: path, synced: false)
  }
}
