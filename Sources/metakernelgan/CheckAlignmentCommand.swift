import ArgumentParser
import BlurKernels
import Foundation
import Imaging
import Numerics
import SuperResolution

struct CheckAlignmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-alignment",
    abstract: "Show that enlarged pictures are not shifted, whichever tool a kernel comes from.",
    discussion: """
      A picture is blurred and shrunk by a known kernel. That kernel, as each tool would write it, enlarges it again: once \
      taken as ours, once converted (--kernel-convention does the same elsewhere). Printed is by how many pixels the result \
      is moved against the original, right and down, and its PSNR; looked at in the PNG, the two are one above the other.

      Exit codes: 0 every converted kernel is aligned; 1 one is not; 65 the picture could not be used; 73 the PNG could \
      not be written.
      """)

  @Argument(help: "A picture. (default: a drawn picture)", completion: .file())
  var picture: String?

  @OptionGroup var scaling: ScaleOption

  @Option(help: "The PNG to look at: originals left, then one column for each line.", completion: .file())
  var out = "alignment.png"

  private var scale: Int { scaling.scale }

  func run() throws {
    try Exit.unlessVectorUnit()
    let rows: [Row]
    let original: Picture
    do {
      original = try load().cropped(toMultipleOf: scale)
      rows = try measure(original)
    } catch { throw Exit.because("\(error)", Exit.data) }
    Console.result("kernel of        taken as ours             converted")
    for row in rows { Console.result(row.text) }
    do { try sheet(original, rows).writePNG(out) } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
    if !rows.allSatisfy(\.converted.isAligned) { throw ExitCode.failure }
  }

  private func load() throws(PictureError) -> Picture {
    if let picture { return try Picture.read(picture) }
    var random = Philox(key: 4)
    return Picture(width: 256, height: 256, rgb: DeadLeaves.draw(width: 256, height: 256, using: &random))
  }

  struct Result {
    let picture: Picture
    let move: (x: Double, y: Double)
    let psnr: Double

    /// A tenth of a pixel: what the measurement leaves uncertain, and a fifth of the least shift between conventions.
    var isAligned: Bool { abs(move.x) < 0.1 && abs(move.y) < 0.1 }

    var text: String { String(format: "%+5.2f %+5.2f px %5.2f dB", move.x, move.y, psnr) }
  }

  struct Row {
    let convention: KernelConvention
    let asOurs, converted: Result

    var text: String {
      convention.rawValue.padding(toLength: 15, withPad: " ", startingAt: 0) + asOurs.text + "  "
        + converted.text
    }
  }

  private func measure(_ original: Picture) throws -> [Row] {
    let gaussian = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.5)
    let kernel = scale == 4 ? try gaussian.x4() : gaussian
    let low = try kernel.degrade(original, scale: scale)
    let resolver = try SuperResolver(weights: .closedForm)
    func enlarge(_ kernel: BlurKernel) throws -> Result {
      let large = try resolver.enlarge(low, kernel: kernel, scale: scale, noise: 0)
      return Result(
        picture: large, move: try large.displacement(from: original),
        psnr: try ImageQuality(of: large, against: original, border: scale).psnr)
    }
    return try KernelConvention.allCases.map { convention in
      let foreign = kernel.converted(from: .fkp, to: convention, scale: scale)
      return Row(
        convention: convention, asOurs: try enlarge(foreign),
        converted: try enlarge(foreign.converted(from: convention, to: .fkp, scale: scale)))
    }
  }

  /// The original twice in the first column; then for each row what its kernel gives, taken as ours above, converted
  /// below; the middle of each, at most 200 pixels wide.
  private func sheet(_ original: Picture, _ rows: [Row]) -> Picture {
    let upper = [original] + rows.map(\.asOurs.picture)
    let lower = [original] + rows.map(\.converted.picture)
    let (width, height) = (min(original.width, 200), min(original.height, 200))
    let (left, top) = ((original.width - width) / 2, (original.height - height) / 2)
    let gap = 4
    let size = (width: upper.count * (width + gap) - gap, height: 2 * height + gap)
    let bytes = (upper + lower).map(\.rgb8)
    let rgb = (0..<3 * size.width * size.height).map { index -> UInt8 in
      let (x, y) = (index / 3 % size.width, index / 3 / size.width)
      let (column, row) = (x / (width + gap), y / (height + gap))
      let (inner, down) = (x % (width + gap), y % (height + gap))
      if inner >= width || down >= height { return 255 }
      return bytes[row * upper.count + column][3 * ((top + down) * original.width + left + inner) + index % 3]
    }
    return Picture(width: size.width, height: size.height, rgb: rgb)
  }
}
