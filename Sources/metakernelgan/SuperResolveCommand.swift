import ArgumentParser
import BlurKernels
import Foundation
import Imaging
import Platform
import Restoration
import SuperResolution

struct SuperResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "super-resolve",
    abstract: "Enlarge pictures: estimate the blur kernel, then undo the blur with a network.",
    discussion: """
      Each picture gives NAME_x2.png, with its depth, colour profile and other metadata, upright (an EXIF orientation is \
      applied), and lying where a plain enlargement would put it. Transparent pictures stay transparent. The project's own \
      enlarger comes with the program; --sr-weights takes another network's weights (scripts/convert_usrnet.py makes \
      USRNet-tiny's from the published file).

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
      Use the predicted kernel as it is. Otherwise a part of the picture is enlarged twice before, to \
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

  @Option(
    help: ArgumentHelp(
      "Format of the results: png (the picture's depth), png8, png16, jpeg or webp. (default: by the name of --out, or png)",
      valueName: "name"))
  var format: String?

  @Option(help: "Quality of JPEG or WebP results, 1 to 100. (default: 95 for JPEG; WebP without loss)")
  var quality: Int?

  @Option(
    help: ArgumentHelp(
      "Lay transparent pictures on this colour, as RRGGBB, white or black. (default: they stay transparent)",
      valueName: "colour"))
  var background: BackgroundColour?

  @Option(
    help:
      "Folder for the results; made if it is not there. For a single picture also a file, such as large.jpg, whose name says the format.",
    completion: .directory)
  var out = "."

  @OptionGroup var output: RunOptions
  @OptionGroup var estimation: EstimationOptions

  func validate() throws {
    guard (2...4).contains(scale) else { throw ValidationError("--scale must be 2, 3 or 4.") }
    guard scale != 3 || kernel != nil else {
      throw ValidationError("--scale 3 needs --kernel: kernels are estimated for scales 2 and 4.")
    }
    guard (1...100).contains(quality ?? 1) else { throw ValidationError("--quality must be from 1 to 100.") }
    _ = try place()
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let pictures = try input.list(output)
    let place = try place()
    if place.file != nil, pictures.count > 1 {
      throw ValidationError("--out names a file, but there are \(pictures.count) pictures; name a folder.")
    }
    try refuseCollisions(pictures, place)
    let restorer = try loadRestorer()
    try Exit.unlessFolders(pictures, in: place.folder)
    let work = EnlargingWork(
      command: self, place: place, restorer: restorer, threads: pictures.count == 1 ? output.work.count : 1)
    let progress = Progress(total: pictures.count * 2 * work.units, shown: !output.quiet)
    try PictureRun(pictures, output, showing: progress) { try work.run($0, progress) }.run()
  }

  /// Where results go, and in which format.
  /// - Throws: `ValidationError`.
  private func place() throws -> ResultPlace {
    // A folder of such a name is a folder.
    let named = Folder.kind(of: out) == .folder ? nil : PictureFormat(fileName: out)
    var result = ResultFormat(named ?? .png, EncodingOptions(quality: quality))
    if let format {
      guard let chosen = ResultFormat(name: format, quality: quality) else {
        throw ValidationError(
          "--format knows \(ResultFormat.names.joined(separator: ", ")), not '\(format)'.")
      }
      result = chosen
    }
    if quality != nil, result.format == .png {
      throw ValidationError("--quality is for jpeg and webp; PNG loses nothing.")
    }
    return ResultPlace(out: out, file: named == nil ? nil : out, scale: scale, format: result)
  }

  /// No result may overwrite another, nor a picture that is still to be read.
  private func refuseCollisions(_ pictures: [ListedPicture], _ place: ResultPlace) throws {
    let results = pictures.map { picture in
      (
        picture: picture.path,
        paths: [place.result(picture)] + (contactSheet ? [place.sheet(picture)] : [])
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

/// Where results go, and in which format.
private struct ResultPlace: Sendable {
  let out: String
  /// The result of a single picture; nil where `out` is a folder.
  let file: String?
  let scale: Int
  let format: ResultFormat

  var folder: String { file.map(FileName.folder) ?? out }

  /// `<picture's name>_x<scale>.<ending>` in the folder, or the file that was named.
  func result(_ picture: ListedPicture) -> String {
    file ?? ResultPaths.path(picture, in: folder, suffix: "_x\(scale).\(format.ending)")
  }

  /// Contact sheets are PNG.
  func sheet(_ picture: ListedPicture) -> String {
    guard let file else { return ResultPaths.path(picture, in: folder, suffix: "_x\(scale)_sheet.png") }
    return FileName.joined(folder, FileName.stem(file) + "_sheet.png")
  }
}

extension BackgroundColour: ExpressibleByArgument {
  public init?(argument: String) {
    let named = ["white": "ffffff", "black": "000000"][argument.lowercased()] ?? argument
    let digits = named.hasPrefix("#") ? named.dropFirst() : named[...]
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16)
    else {
      return nil
    }
    self.init(
      red: UInt8(value >> 16), green: UInt8(value >> 8 & 255), blue: UInt8(value & 255))
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
private struct EnlargingWork: Sendable {
  let command: SuperResolveCommand
  let place: ResultPlace
  let restorer: Restorer
  /// What is counted for progress, of estimating and of enlarging each.
  let units: Int
  /// Tiles at a time.
  let threads: Int

  init(command: SuperResolveCommand, place: ResultPlace, restorer: Restorer, threads: Int) {
    (self.command, self.place, self.restorer, self.threads) = (command, place, restorer, threads)
    units = max(restorer.method?.steps ?? 0, 100)
  }

  func run(
    _ listed: ListedPicture, _ progress: Progress
  ) throws -> PictureRun<SuperResolutionReport>.Writing {
    let picture = try Picture.read(listed.path)
    var request = Restorer.Request(scale: command.scale)
    (request.noise, request.seed) = (command.noise, command.estimation.seed)
    request.fidelity = command.fidelity
    request.grid = command.benchmark ? .benchmark : .photograph
    request.background = command.background
    request.threads = threads
    var shown = 0
    let restored = try restorer.restore(picture, request) { stage in
      let done =
        switch stage {
        case .estimating(let steps): steps
        case .enlarging(let done, let all): units + units * done / all
        }
      progress.advance(by: done - shown)
      shown = done
    }
    // Encoded before, so that an interrupt waits for writing alone.
    let (files, report) = try results(restored, from: picture, listed: listed)
    return {
      for file in files { try file.write() }
      return report
    }
  }

  private func results(
    _ restored: RestoredPicture, from picture: Picture, listed: ListedPicture
  ) throws(PictureError) -> ([ResultFormat.File], SuperResolutionReport) {
    let paths = SuperResolutionReport.Paths(
      picture: listed.path, result: place.result(listed),
      contactSheet: command.contactSheet ? place.sheet(listed) : nil,
      kernel: command.kernel)
    var files = [try ResultFormat.File(restored.picture, as: place.format, path: paths.result)]
    if let sheet = paths.contactSheet {
      let picture = ContactSheet.picture(
        of: picture, kernel: restored.kernel.kernel, result: restored.picture, scale: restored.scale)
      files.append(try ResultFormat.File(picture, as: ResultFormat(.png), path: sheet))
    }
    return (files, SuperResolutionReport(restored, of: picture, paths))
  }
}
