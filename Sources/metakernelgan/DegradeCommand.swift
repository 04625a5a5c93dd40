import ArgumentParser
import BlurKernels
import Foundation
import Imaging
import Platform
import Restoration
import Synchronization

struct DegradeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "degrade",
    abstract: "Make a benchmark: low-resolution pictures of known kernels.",
    discussion: """
      Every picture of HR_DIR is cropped to a multiple of the scale, blurred by a kernel drawn for it, and shrunk, \
      in the paper's four degradations. <out>/x2_clean, x2_noise_ker, x2_noise_img and x4_clean each get LR/NAME.png, \
      kernel/NAME.mat and a link HR/NAME to the original, as `evaluate` takes them. What is drawn for a picture depends on the seed and its name only.

      --kernels, --noise, --camera-noise, --grey-noise, --camera and --jpeg depart from the paper's: x2 (or x4) is made \
      with them, in a folder named after them, such as x2_motion_camera10_jpeg50. With --camera the folder also gets \
      HR/NAME.png, the original that enlarged pictures are to be compared with.

      Exit codes: 0 all made; 65 some picture could not be used (the others were); 69 processor too old; 73 a result \
      could not be written.
      """)

  @Argument(help: "Folder of high-resolution pictures.", completion: .directory)
  var highResolution: String

  @Option(help: "Folder for the benchmark; made if it is not there.", completion: .directory)
  var out: String

  @Option(
    help: "x2, x2-noise-kernel, x2-noise-image or x4; repeatable. (default: all; x2 where it is varied)")
  var degradation: [BenchmarkRecipe] = []

  @Option(help: "Seed of kernels and noise.")
  var seed: UInt64 = 0

  @Option(help: "gaussian, motion, disk, box, sharpened or mixed.")
  var kernels = KernelFamily.gaussian

  @Option(help: ArgumentHelp("White noise of this deviation in 8-bit levels.", valueName: "level"))
  var noise: Double?

  @Option(
    help: ArgumentHelp(
      "Noise as of a sensor, the stronger the brighter, of this deviation in mid-grey.", valueName: "level"))
  var cameraNoise: Double?

  @Option(
    help: ArgumentHelp(
      "White noise of this deviation, the same in the three channels, in 8-bit levels.", valueName: "level"))
  var greyNoise: Double?

  @OptionGroup var camera: CameraOptions

  @Option(
    help: ArgumentHelp("Store as JPEG of this quality, 1 to 100, before the PNG.", valueName: "quality"))
  var jpeg: Int?

  func validate() throws {
    func require(_ holds: Bool, _ message: String) throws { if !holds { throw ValidationError(message) } }
    let levels = [("--noise", noise), ("--camera-noise", cameraNoise), ("--grey-noise", greyNoise)]
    for (name, level) in levels {
      try require(level.map { (0...255).contains($0) } ?? true, "\(name) must be from 0 to 255.")
    }
    let sources = levels.filter { $0.1 != nil }.map(\.0) + (camera.camera == nil ? [] : ["--camera"])
    try require(sources.count <= 1, "\(sources.joined(separator: " and ")): choose one.")
    try require((1...100).contains(jpeg ?? 1), "--jpeg must be from 1 to 100.")
    try require(
      variation == .none || recipes.allSatisfy(\.isClean),
      "--kernels, --noise, --camera-noise, --grey-noise, --camera and --jpeg vary the degradations x2 and x4 only."
    )
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let pictures = try picturesByName()
    for recipe in recipes { try makeFolders(recipe) }
    let failures = Mutex<[Int: Failure]>([:])
    DispatchQueue.concurrentPerform(iterations: pictures.count) { index in
      if let failure = degrade(pictures[index]) { failures.withLock { $0[index] = failure } }
    }
    let found = failures.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value)
    for failure in found { Console.complain(failure.reason) }
    Console.result("\(pictures.count - found.count) pictures of \(pictures.count) in \(out)")
    if let first = found.first { throw first.code }
  }

  private var recipes: [BenchmarkRecipe] {
    if !degradation.isEmpty { return degradation }
    return variation == .none ? BenchmarkRecipe.allCases : [.x2]
  }

  private var variation: BenchmarkVariation {
    let noise: BenchmarkVariation.Noise? =
      noise.map { .white(level: $0) } ?? cameraNoise.map { .camera(level: $0) }
      ?? greyNoise.map { .grey(level: $0) }
    return BenchmarkVariation(kernels: kernels, noise: noise, camera: camera.settings, jpegQuality: jpeg)
  }

  private struct Source: Sendable {
    let path: String
    /// Of what is made of it: the file's without its ending.
    let name: String
  }

  private struct Failure: Sendable {
    let reason: String
    let code: ExitCode
  }

  private func picturesByName() throws -> [Source] {
    let list: PictureList
    do { list = try PictureList([highResolution]) } catch .empty {
      throw Exit.because(
        "\(FileName.shown(highResolution)): holds no picture that can be read",
        Exit.data)
    } catch { throw Exit.because(error, Exit.data) }
    for note in list.notes { Console.note(note) }
    let sources = list.pictures.map { Source(path: $0.path, name: $0.stem) }
      .sorted { ($0.name, $0.path) < ($1.name, $1.path) }
    for (one, other) in zip(sources, sources.dropFirst()) where PathKey(one.name) == PathKey(other.name) {
      throw Exit.because(
        "\(FileName.shown(one.path)) and \(FileName.shown(other.path)) would write the same files; rename one",
        Exit.data)
    }
    return sources
  }

  private func makeFolders(_ recipe: BenchmarkRecipe) throws {
    for part in ["LR", "kernel", "HR"] {
      try Exit.unlessFolder("\(out)/\(recipe.folder(variation))/\(part)")
    }
  }

  private func degrade(_ source: Source) -> Failure? {
    do {
      let picture = try Picture.read(source.path)
      for recipe in recipes {
        let draw = try recipe.draw(seed: seed, name: source.name, variation: variation)
        let low = try draw.degrade(picture, scale: recipe.scale)
        let folder = "\(out)/\(recipe.folder(variation))"
        do {
          try draw.kernel.write(to: "\(folder)/kernel/\(source.name).mat")
          let path = "\(folder)/LR/\(source.name).png"
          try writeAtomically(low.encodePNG(name: path), to: path, synced: false)
          if let camera = draw.camera {
            let original = "\(folder)/HR/\(source.name).png"
            let bytes = try camera.original(of: picture, scale: recipe.scale).encodePNG(name: original)
            try writeAtomically(bytes, to: original, synced: false)
          } else {
            try OriginalLink.make("\(folder)/HR/\(FileName.last(source.path))", to: source.path)
          }
        } catch { return Failure(reason: "\(error)", code: Exit.cannotCreate) }
      }
      return nil
    } catch {
      let text = "\(error)"
      let shown = FileName.shown(source.path)
      return Failure(reason: text.contains(shown) ? text : "\(shown): \(text)", code: Exit.data)
    }
  }
}

extension BenchmarkRecipe: ExpressibleByArgument {}
extension KernelFamily: ExpressibleByArgument {}
