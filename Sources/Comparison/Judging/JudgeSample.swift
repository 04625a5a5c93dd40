import Imaging
public import Restoration
import SuperResolution

/// What teaches the judge of enlargements: how a picture came out in each way that it may be enlarged, and what the judge sees
/// of it. `scripts/fit-judge` reads its lines.
public struct JudgeSample: Sendable {
  /// The names of a line's values.
  public static var header: String {
    (["picture", "kind", "scale", "soft", "pattern", "bicubic", "d1", "i1", "d2", "i2"] + JudgedPicture.names)
      .joined(separator: ",")
  }

  /// Values with commas between them.
  public let line: String

  /// - Parameter restorer: with an enlarger; its kernels are estimated.
  public init(_ draw: JudgeDraw, restorer: Restorer) throws {
    guard let enlarger = restorer.enlarger else { throw RestorationError.noEnlarger }
    let (picture, scale) = (draw.low, draw.scale)
    let found = try restorer.kernel(of: picture, scale: scale)
    let standing = found.standing ?? .given(scale: scale)
    let whole = try JudgedPicture(picture, kernel: found.kernel, standing: standing, scale: scale)
    let part = whole.judged(rows: 0..<picture.height, columns: 0..<picture.width)
    let plain = GuardedPicture.plain(picture, kernel: found.kernel, scale: scale)
    let wanted = Self.difference(draw.original, plain, border: scale)
    var values = [Double(scale), draw.softness, part.pattern, Self.product(wanted, wanted)]
    for level in [whole.noise.plainLevel, whole.noise.processedLevel] {
      let enlarged = try enlarger.enlarge(picture, kernel: found.kernel, scale: scale, noise: level)
      let change = Self.difference(enlarged, plain, border: scale)
      values += [Self.product(change, change), Self.product(change, wanted)]
    }
    values += part.features ?? []
    let kind = draw.variation.folder(scale: scale)
    line = ([draw.name, kind] + values.map { "\($0)" }).joined(separator: ",")
  }

  /// The difference in luminance, in levels of 255, a border left out.
  private static func difference(_ one: Picture, _ other: Picture, border: Int) -> [Double] {
    (border..<one.height - border).flatMap { y in
      (border..<one.width - border).map { x in
        luminance(one, row: y, column: x) - luminance(other, row: y, column: x)
      }
    }
  }

  private static func luminance(_ picture: Picture, row y: Int, column x: Int) -> Double {
    255 * (0.299 * picture[y, x, 0] + 0.587 * picture[y, x, 1] + 0.114 * picture[y, x, 2])
  }

  /// Mean over pixels.
  private static func product(_ one: [Double], _ other: [Double]) -> Double {
    zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(one.count)
  }
}
