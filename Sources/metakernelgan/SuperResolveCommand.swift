import ArgumentParser
import BlurKernels
import Estimation
import Foundation
import Imaging
import SuperResolution

struct SuperResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "super-resolve",
    abstract: "Enlarge pictures: estimate the blur kernel, then undo the blur with a network.",
    discussion: """
      Each PNG or JPEG gives NAME_x2.png, with its depth and colour profile, upright (an EXIF orientation is applied), and \
      lying where a plain enlargement would put it. The project's own enlarger comes with the program; \
      --sr-weights takes another network's weights (scripts/convert_usrnet.py makes USRNet-tiny's of the published file).

      Exit codes: 0 all pictures enlarged; 64 a wrong option; 65 some picture or the kernel could not be used; 69 processor \
      too old; 73 a result could not be written; 78 no usable checkpoint or weights.
      """)

  @Argument(help: "PNG or JPEG files.", completion: .file())
  var pictures: [String]

  @Option(help: "2 or 4; 3 with --kernel.")
  var scale = 2

  @Option(
    help:
      "Weights of USRNet-tiny or of the enlarger, safetensors; or closed-form for no network. (default: the shipped enlarger; at scale 3 the closed form)",
    completion: .file())
  var srWeights: String?

  @Option(help: "Use this kernel (.npy, .mat, .png) in place of estimating one.", completion: .file())
  var kernel: String?

  @Option(help: ArgumentHelp("Which tool's rules the kernel of --kernel follows.", valueName: "name"))
  var kernelConvention = KernelConvention.fkp

  @Option(
    help: ArgumentHelp(
      """
      The pictures' noise, a standard deviation from 0 to 255 levels; or auto, which estimates it (Ponomarenko and others, \
      IGARSS 2007) and takes more where the kernel is uncertain.
      """, valueName: "level"))
  var noise = NoiseChoice.auto

  @Flag(
    help: """
      Take the foreseen kernel as it is. Otherwise, with --sr-weights, a part of the picture is enlarged twice before, to find \
      out whether the kernel is a Gaussian or light spread evenly, and at scale 2 what else it has.
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
    try refuseCollisions()
    let resolver = try loadResolver()
    let source = try loadKernel()
    try Exit.unlessFolder(out)
    let steps = source.steps
    let progress = Progress(total: pictures.count * 2 * steps, shown: !output.quiet)
    try PictureRun(pictures, output, progress) { name in
      try Enlargement(self, name, progress).run(resolver, source, steps: steps)
    }.run()
  }

  /// `<picture's name>_x<scale><suffix>.png` in the folder.
  func path(_ picture: String, suffix: String = "") -> String {
    let stem = URL(filePath: picture).deletingPathExtension().lastPathComponent
    return URL(filePath: out).appending(path: "\(stem)_x\(scale)\(suffix).png").relativePath
  }

  /// No result may overwrite another, nor a picture that is still to be read.
  private func refuseCollisions() throws {
    func whole(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }
    var taken = Dictionary(pictures.map { (whole($0), $0) }) { first, _ in first }
    for picture in pictures {
      for suffix in contactSheet ? ["", "_sheet"] : [""] {
        if let other = taken.updateValue(picture, forKey: whole(path(picture, suffix: suffix))) {
          throw ValidationError(
            "\(path(picture, suffix: suffix)) would overwrite what belongs to \(other); choose another folder (--out)."
          )
        }
      }
    }
  }

  private func loadResolver() throws -> SuperResolver {
    do { return try SuperResolver(weights: EnlargerChoice(srWeights)) } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
  }

  private func loadKernel() throws -> KernelSource {
    guard let kernel else {
      return .estimate(try estimation.loadMethod(refinement: plainKernel ? nil : srWeights))
    }
    do {
      let read = try BlurKernel.read(kernel)
      return .file(kernel, read.converted(from: kernelConvention, to: .fkp, scale: scale))
    } catch { throw Exit.because("\(error)", Exit.data) }
  }
}

/// Where kernels come from, in our own convention.
enum KernelSource: Sendable {
  case file(String, BlurKernel)
  case estimate(any EstimationMethod)

  /// What is counted for progress, of estimating and of enlarging each.
  var steps: Int {
    switch self {
    case .file: 100
    case .estimate(let method): max(method.steps, 100)
    }
  }
}

enum NoiseChoice: ExpressibleByArgument, CustomStringConvertible {
  case auto
  case level(Double)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let level = Double(argument), (0...255).contains(level) {
      self = .level(level)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .auto: "auto"
    case .level(let level): "\(level)"
    }
  }
}

extension KernelConvention: ExpressibleByArgument {}

/// The work on one picture.
private struct Enlargement {
  let command: SuperResolveCommand
  let name: String
  let progress: Progress

  init(_ command: SuperResolveCommand, _ name: String, _ progress: Progress) {
    (self.command, self.name, self.progress) = (command, name, progress)
  }

  func run(
    _ resolver: SuperResolver, _ source: KernelSource, steps: Int
  ) throws -> PictureOutcome<SuperResolutionReport> {
    let begin = ContinuousClock.now
    let picture = try Picture.read(name)
    let (kernel, estimate, kernelNoise) = try find(source, picture, steps: steps)
    let noise = noise(of: picture, kernelNoise: kernelNoise)
    // A benchmark's grid is that of our kernels; the other lies where plain enlargement does.
    let used =
      command.benchmark ? kernel : kernel.converted(from: .fkp, to: .kernelGAN, scale: command.scale)
    var shown = 0
    let result = try resolver.enlarge(
      picture, kernel: used, scale: command.scale, noise: noise.level,
      border: command.benchmark ? .repeating : .continued,
      threads: command.pictures.count == 1 ? ProcessInfo.processInfo.activeProcessorCount : 1
    ) { done, all in
      progress.advance(by: steps * done / all - shown)
      shown = steps * done / all
    }
    do { try write(picture, kernel, result) } catch { return .failed("\(error)", Exit.cannotCreate) }
    return .done(
      report(picture, result, resolver, source, estimate, noise, (ContinuousClock.now - begin).seconds))
  }

  private func find(
    _ source: KernelSource, _ picture: Picture, steps: Int
  ) throws -> (BlurKernel, KernelReport?, kernelNoise: Double) {
    switch source {
    case .file(_, let kernel):
      progress.advance(by: steps)
      return (kernel, nil, 0)
    case .estimate(let method):
      let begin = ContinuousClock.now
      let found = try method.estimate(
        picture, scale: command.scale, seed: command.estimation.seed, recording: [],
        onStep: { _ in progress.advance() })
      progress.advance(by: steps - method.steps)
      let report = KernelReport(
        name, picture, found, scale: command.scale, method, seed: command.estimation.seed,
        seconds: (ContinuousClock.now - begin).seconds)
      return (found.kernel, report, found.equivalentNoise)
    }
  }

  private func noise(of picture: Picture, kernelNoise: Double) -> SuperResolutionReport.Noise {
    switch command.noise {
    case .auto: .init(level: max(picture.noiseLevel(), kernelNoise), isEstimated: true)
    case .level(let level): .init(level: level, isEstimated: false)
    }
  }

  private func write(_ picture: Picture, _ kernel: BlurKernel, _ result: Picture) throws {
    try result.upright().writePNG(command.path(name))
    if command.contactSheet {
      try ContactSheet.picture(of: picture, kernel: kernel, result: result, scale: command.scale)
        .writePNG(command.path(name, suffix: "_sheet"))
    }
  }

  private func report(
    _ picture: Picture, _ result: Picture, _ resolver: SuperResolver, _ source: KernelSource,
    _ estimate: KernelReport?, _ noise: SuperResolutionReport.Noise, _ seconds: Double
  ) -> SuperResolutionReport {
    let upright = (picture.orientation ?? 1) < 5
    let weights = resolver.weights(scale: command.scale)
    return SuperResolutionReport(
      picture: name, width: picture.width, height: picture.height, scale: command.scale,
      result: .init(
        path: command.path(name), width: upright ? result.width : result.height,
        height: upright ? result.height : result.width),
      contactSheet: command.contactSheet ? command.path(name, suffix: "_sheet") : nil,
      network: resolver.name(scale: command.scale),
      weights: weights.map { .init(path: $0.path, sha256: $0.sha256) }, noise: noise,
      kernelFile: command.kernel, estimate: estimate,
      orientation: .init(exif: picture.orientation, applied: true), seconds: seconds,
      notes: estimate?.notes ?? picture.notes)
  }
}
