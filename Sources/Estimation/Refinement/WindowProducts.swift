import Imaging
import Numerics
import SuperResolution

/// The mean products that least squares between an enlarged picture and the given one need, over all given pixels: of
/// all pairs of values in the 11x11 window of the enlarged picture that a given pixel is blurred from, of each value
/// with the given pixel, and of the given pixel with itself.
///
/// The values are luminances, passed through a Laplacian on the given picture's grid: blurs differ at high
/// frequencies, and pictures are strong at low ones.
package struct WindowProducts {
  static let side = 11
  static let count = side * side
  /// (121, 121): value by value of the window.
  let windows: [Double]
  /// (121): each value of the window by the given pixel.
  let mixed: [Double]
  /// The given pixel by itself.
  let power: Double

  /// The values of a pixel, its window and itself, rounded up to a multiple of 16.
  private static let columns = 128
  /// Pixels in one product.
  private static let block = 64

  /// - Parameters:
  ///   - enlarged: the picture enlarged by 2; may have a frame below and to the right.
  ///   - margin: pixels of the given picture to leave out on all sides, at least 8.
  /// - Throws: `SuperResolutionError.numerics` on a processor without AVX2.
  package init(of enlarged: Planes, and picture: Picture, margin: Int) throws(SuperResolutionError) {
    let product: MatrixProduct
    do {
      product = try MatrixProduct(
        m: Self.columns, n: Self.columns, k: Self.block, transposedB: true, accumulating: true)
    } catch { throw .numerics("\(error)") }
    let large = Self.sharpened(Self.luminance(of: enlarged), enlarged.width, step: 2)
    let small = Self.sharpened(Self.luminance(of: picture), picture.width, step: 1)
    let rows = FloatBuffer(Self.block * Self.columns)
    let sums = FloatBuffer(Self.columns * Self.columns)
    var totals = [Double](repeating: 0, count: Self.columns * Self.columns)
    for y in margin..<picture.height - margin {
      sums.clear()
      for left in stride(from: margin, to: picture.width - margin, by: Self.block) {
        rows.clear()
        for x in left..<min(left + Self.block, picture.width - margin) {
          let row = rows.pointer + (x - left) * Self.columns
          Self.gather(large, width: enlarged.width, x: x, y: y, into: row)
          row[Self.count] = small[y * picture.width + x]
        }
        product(rows.pointer, rows.pointer, sums.pointer)
      }
      for i in totals.indices { totals[i] += Double(sums.pointer[i]) }
    }
    let pixels = Double((picture.height - 2 * margin) * (picture.width - 2 * margin))
    let (n, stride) = (Self.count, Self.columns)
    windows = (0..<n * n).map { totals[$0 / n * stride + $0 % n] / pixels }
    mixed = (0..<n).map { totals[n * stride + $0] / pixels }
    power = totals[n * stride + n] / pixels
  }

  private static func gather(
    _ large: [Float], width: Int, x: Int, y: Int, into row: UnsafeMutablePointer<Float>
  ) {
    for a in 0..<side {
      let from = (2 * y + a - side / 2) * width + 2 * x - side / 2
      for b in 0..<side { row[a * side + b] = large[from + b] }
    }
  }

  /// The Laplacian with neighbours `step` away: four times each value, less its four neighbours; 0 at the border.
  static func sharpened(_ values: [Float], _ width: Int, step: Int) -> [Float] {
    var result = [Float](repeating: 0, count: values.count)
    let height = values.count / width
    for y in step..<height - step {
      for x in step..<width - step {
        let i = y * width + x
        let neighbours =
          values[i - step] + values[i + step] + values[i - step * width] + values[i + step * width]
        result[i] = 4 * values[i] - neighbours
      }
    }
    return result
  }

  static func luminance(of planes: Planes) -> [Float] {
    (0..<planes.width * planes.height).map { i in
      Luminance.of(planes.plane(0)[i], planes.plane(1)[i], planes.plane(2)[i])
    }
  }

  static func luminance(of picture: Picture) -> [Float] {
    (0..<picture.width * picture.height).map { i in
      let (y, x) = (i / picture.width, i % picture.width)
      return Luminance.of(Float(picture[y, x, 0]), Float(picture[y, x, 1]), Float(picture[y, x, 2]))
    }
  }
}
