public import BlurKernels
public import Imaging
import Numerics

/// A low-resolution picture to teach the judge of enlargements on: a part of a photograph, or a drawing, degraded in one of the
/// ways that people's pictures are.
public struct JudgeDraw: Sendable {
  /// The photograph's name; `leaves` and a digit for a drawing. Pictures of one name are held out together.
  public let name: String
  public let scale: Int
  public let variation: BenchmarkVariation
  /// The deviation of a Gaussian, in pixels, that made the original soft; 0 for one that is as it was.
  public let softness: Double
  public let original, low: Picture

  /// Sides of the part, once enlarged.
  private static let side = [2: 320, 4: 512]
  private static let leastSide = 128

  /// - Parameters:
  ///   - index: chooses everything random; even ones are of scale 2, odd ones of scale 4.
  ///   - pictures: names and files.
  public init(index: Int, of pictures: [(name: String, path: String)]) throws {
    var random = Philox(key: 77_000 + UInt64(index))
    scale = index % 2 == 0 ? 2 : 4
    let chosen = pictures[random.below(pictures.count)]
    let photograph = try Picture.read(chosen.path)
    let most = Self.side[scale] ?? 0
    let (width, height) = (min(photograph.width, most) / 4 * 4, min(photograph.height, most) / 4 * 4)
    guard min(width, height) >= Self.leastSide else {
      throw PictureError.tooSmall(width: photograph.width, height: photograph.height, least: Self.leastSide)
    }
    let (left, top) = (
      random.below(photograph.width - width + 1), random.below(photograph.height - height + 1)
    )
    let isDrawn = random.uniform() < 0.12
    let drawn =
      isDrawn
      ? Picture(
        width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
      : photograph.part(rows: top..<top + height, columns: left..<left + width)
    // Old photographs are grey; so are scans, which are another thing.
    let sharp = random.uniform() < 0.1 ? Camera(.scan).original(of: drawn, scale: 1) : drawn
    name = isDrawn ? "leaves\(index % 8)" : chosen.name
    variation = Self.variation(&random)
    softness = Self.softness(&random, isScreenshot: variation.camera?.kind == .screenshot) * Double(scale) / 2
    let hidden = try softness > 0 ? Self.softened(sharp, softness) : sharp
    let draw = try (scale == 2 ? BenchmarkRecipe.x2 : .x4).draw(
      seed: UInt64(index), name: "s\(index)", variation: variation)
    low = try draw.degrade(hidden, scale: scale)
    original = draw.camera?.original(of: hidden, scale: scale) ?? hidden.cropped(toMultipleOf: scale)
  }

  private static func variation(_ random: inout Philox) -> BenchmarkVariation {
    var variation = BenchmarkVariation()
    let (kind, quality) = (random.uniform(), 50 + random.below(46))
    func stored(_ share: Double) -> Int? { random.uniform() < share ? quality : nil }
    switch kind {
    case ..<0.12: break
    case ..<0.17: variation.noise = .white(level: random.uniform(in: 1..<15))
    case ..<0.23: variation.noise = .grey(level: random.uniform(in: 2..<13))
    case ..<0.60:
      variation.camera = photo(&random)
      variation.jpegQuality = stored(0.35)
    case ..<0.71:
      variation.camera = Camera(.screenshot)
      variation.jpegQuality = stored(0.3)
    case ..<0.83: variation.camera = scan(&random, isPrint: kind >= 0.79)
    default:
      variation.kernels = [.disk, .disk, .motion, .box, .sharpened, .mixed][random.below(6)]
      variation.jpegQuality = stored(0.15)
      let level = random.uniform(in: 1..<8)
      variation.noise = variation.jpegQuality == nil && random.uniform() < 0.15 ? .white(level: level) : nil
    }
    return variation
  }

  private static func photo(_ random: inout Philox) -> Camera {
    guard random.uniform() < 0.5 else { return Camera.draw(using: &random) }
    var camera = Camera(.photo)
    camera.iso = [100, 400, 400, 1600, 6400][random.below(5)]
    return camera
  }

  private static func scan(_ random: inout Philox, isPrint: Bool) -> Camera {
    var camera = Camera(.scan)
    let (halftone, sharpening) = (random.uniform(in: 0.05..<0.4), random.uniform())
    (camera.halftone, camera.sharpening) = isPrint ? (halftone, 0.5) : (0, sharpening)
    return camera
  }

  /// Photographs are seldom soft, what is shown on screens more often.
  private static func softness(_ random: inout Philox, isScreenshot: Bool) -> Double {
    let (chance, size) = (random.uniform(), random.uniform())
    return chance < (isScreenshot ? 0.25 : 0.06) ? 0.4 + 1.3 * size * size : 0
  }

  private static func softened(_ picture: Picture, _ deviation: Double) throws -> Picture {
    let side = 2 * Int((3 * deviation).rounded(.up)) + 1
    let blur = BlurKernel.Covariance(xx: deviation * deviation, xy: 0, yy: deviation * deviation)
    let centre = Double(side / 2)
    return try BlurKernel.gaussian(side: side, centre: (centre, centre), covariance: blur).normalised()
      .degrade(picture, scale: 1)
  }
}
