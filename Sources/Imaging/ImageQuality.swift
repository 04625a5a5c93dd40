import Foundation

/// How close a picture comes to the true one, by the two measures that papers on super-resolution print.
///
/// Both look at luma alone, Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255 of 8-bit samples, not rounded
/// (ITU-R BT.601), with a border shaved on every side. Samples of 16 bits are rounded to 8 first.
public struct ImageQuality: Sendable, Equatable {
  /// 10 log10(255^2 / mean squared difference), in decibels; infinite for equal pictures.
  public let psnr: Double
  /// The mean structural similarity, at most 1 (Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment:
  /// from error visibility to structural similarity", IEEE TIP 2004): a Gaussian window of 11x11 and sigma 1.5,
  /// wherever it fits, population covariances, K1 = 0.01, K2 = 0.03, a range of 255.
  public let ssim: Double

  /// Compares in time proportional to the pixels, about 0.1 s a megapixel.
  /// - Parameter border: pixels shaved on every side; the scale of super-resolution, by custom.
  /// - Throws: `PictureError.differentSizes`, or `.tooSmall` where no window fits inside the border.
  public init(of picture: Picture, against truth: Picture, border: Int) throws(PictureError) {
    precondition(border >= 0, "a border of \(border) pixels")
    try Self.requireEqualSizes(picture, truth)
    let least = SimilarityWindow.side + 2 * border
    guard min(picture.width, picture.height) >= least else {
      throw .tooSmall(width: picture.width, height: picture.height, least: least)
    }
    let (a, b) = (LumaPlane(of: picture, border: border), LumaPlane(of: truth, border: border))
    psnr = a.psnr(against: b)
    ssim = SimilarityWindow().meanSimilarity(a, b)
  }

  /// The PSNR alone, of the whole luma: for pictures of any size.
  /// - Throws: `PictureError.differentSizes`.
  public static func psnr(of picture: Picture, against truth: Picture) throws(PictureError) -> Double {
    try requireEqualSizes(picture, truth)
    return LumaPlane(of: picture, border: 0).psnr(against: LumaPlane(of: truth, border: 0))
  }

  private static func requireEqualSizes(_ picture: Picture, _ truth: Picture) throws(PictureError) {
    guard picture.width == truth.width && picture.height == truth.height else {
      throw .differentSizes(
        width: picture.width, height: picture.height, otherWidth: truth.width, otherHeight: truth.height)
    }
  }
}

/// Luma of a picture without its border, 16 to 235.
struct LumaPlane {
  let width, height: Int
  /// (height, width).
  private(set) var values: [Double] = []

  init(of picture: Picture, border: Int) {
    width = picture.width - 2 * border
    height = picture.height - 2 * border
    values.reserveCapacity(width * height)
    let samples = picture.rgb8
    for row in border..<border + height {
      let start = 3 * (row * picture.width + border)
      for index in stride(from: start, to: start + 3 * width, by: 3) {
        let (red, green, blue) = (samples[index], samples[index + 1], samples[index + 2])
        let weighted = 65.481 * Double(red) + 128.553 * Double(green) + 24.966 * Double(blue)
        values.append(16 + weighted / 255)
      }
    }
  }

  /// In decibels, for planes of equal size.
  func psnr(against other: LumaPlane) -> Double {
    var squares = 0.0
    for index in values.indices { squares += (values[index] - other.values[index]).squared }
    return 10 * log10(255.squared * Double(values.count) / squares)
  }
}

/// The Gaussian window of the structural similarity, moved over two planes of equal size.
private struct SimilarityWindow {
  static let side = 11
  /// One axis of it; the window is their product and sums to 1.
  private let weights: [Double]

  init() {
    let values = (0..<Self.side).map { exp(-Double($0 - Self.side / 2).squared / (2 * 1.5.squared)) }
    let sum = values.reduce(0, +)
    weights = values.map { $0 / sum }
  }

  func meanSimilarity(_ a: LumaPlane, _ b: LumaPlane) -> Double {
    let rows = a.height - Self.side + 1
    let columns = a.width - Self.side + 1
    var line = [PairMoments](repeating: PairMoments(), count: a.width)
    var sum = 0.0
    for row in 0..<rows {
      addUp(a, b, from: row, into: &line)
      for column in 0..<columns { sum += average(line, from: column).similarity }
    }
    return sum / Double(rows * columns)
  }

  /// The weighted moments of every column, over the window's rows.
  private func addUp(_ a: LumaPlane, _ b: LumaPlane, from row: Int, into line: inout [PairMoments]) {
    for column in line.indices { line[column] = PairMoments() }
    for (tap, weight) in weights.enumerated() {
      let start = (row + tap) * a.width
      for column in line.indices {
        line[column].add(a.values[start + column], b.values[start + column], times: weight)
      }
    }
  }

  private func average(_ line: [PairMoments], from column: Int) -> PairMoments {
    var total = PairMoments()
    for tap in 0..<Self.side { total.add(line[column + tap], times: weights[tap]) }
    return total
  }
}

/// Weighted sums over a window of two pictures.
private struct PairMoments {
  /// Of a, b, a a, b b; the last four lanes stay zero but for a b in lane 4.
  private var sums = SIMD8<Double>.zero

  @inline(__always)
  mutating func add(_ a: Double, _ b: Double, times weight: Double) {
    sums += weight * SIMD8(a, b, a * a, b * b, a * b, 0, 0, 0)
  }

  @inline(__always)
  mutating func add(_ other: PairMoments, times weight: Double) { sums += weight * other.sums }

  var similarity: Double {
    let (meanA, meanB) = (sums[0], sums[1])
    let (varianceA, varianceB) = (sums[2] - meanA.squared, sums[3] - meanB.squared)
    let covariance = sums[4] - meanA * meanB
    let (c1, c2) = ((0.01 * 255).squared, (0.03 * 255).squared)
    return (2 * meanA * meanB + c1) * (2 * covariance + c2)
      / ((meanA.squared + meanB.squared + c1) * (varianceA + varianceB + c2))
  }
}

extension Double {
  fileprivate var squared: Double { self * self }
}
