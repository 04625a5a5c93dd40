import Numerics

/// out (pixels, m) = A (m, k) applied to each of any number of pixels of k channels, 16 pixels at a time. The last 16 may read
/// and overwrite up to 15 pixels too many.
///
/// Strides let pixels lie apart, as those of every second column do. Rows of A are shared out so that each product is
/// exact (see `MatrixProduct`).
struct PixelProduct {
  static let block = 16
  private let parts: [(offset: Int, product: MatrixProduct)]
  private let step: (input: Int, output: Int)

  /// - Parameters:
  ///   - inputStride, outputStride: floats from one pixel to the next; nil where they follow each other.
  init(m: Int, k: Int, inputStride: Int? = nil, outputStride: Int? = nil, accumulating: Bool = false)
    throws(NumericsError)
  {
    let (ldb, ldc) = (inputStride ?? k, outputStride ?? m)
    step = (Self.block * ldb, Self.block * ldc)
    parts = try exactParts(m).map { offset, rows throws(NumericsError) in
      let product = try MatrixProduct(
        m: rows, n: Self.block, k: k, lda: m, ldb: ldb, ldc: ldc, accumulating: accumulating)
      return (offset, product)
    }
  }

  func callAsFunction(
    _ a: UnsafePointer<Float>, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    pixels: Int
  ) {
    for number in 0..<(pixels + Self.block - 1) / Self.block {
      for (offset, product) in parts {
        product(a + offset, input + number * step.input, output + number * step.output + offset)
      }
    }
  }
}

/// sums (n, m) += the products of m values with n others, summed over any number of pixels. The number must be a
/// multiple of 16; pixels that fill it up have zeros in the first of both.
struct PixelSum {
  private typealias Part = (offset: Int, product: MatrixProduct)
  private let short: [Part], long: [Part]
  private let m: Int, stride: Int

  private static let longBlock = 64

  /// - Parameter stride: floats from one of the n values to those of the next pixel; nil where they follow each other.
  init(m: Int, n: Int, stride: Int? = nil) throws(NumericsError) {
    (self.m, self.stride) = (m, stride ?? n)
    let ldb = self.stride
    func parts(_ k: Int) throws(NumericsError) -> [Part] {
      try exactParts(m).map { offset, rows throws(NumericsError) in
        let product = try MatrixProduct(
          m: rows, n: n, k: k, lda: m, ldb: ldb, ldc: m, transposedB: true, accumulating: true)
        return (offset, product)
      }
    }
    short = try parts(PixelProduct.block)
    long = try parts(Self.longBlock)
  }

  func callAsFunction(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>,
    pixels: Int
  ) {
    var pixel = 0
    while pixel < pixels {
      let isLong = pixels - pixel >= Self.longBlock
      for (offset, product) in isLong ? long : short {
        product(left + pixel * m + offset, right + pixel * stride, sums + offset)
      }
      pixel += isLong ? Self.longBlock : PixelProduct.block
    }
  }
}

/// Rows of a product in parts that libxsmm computes as sequential multiply-adds: it does not for 1 to 16 rows beyond a
/// multiple of 64.
func exactParts(_ rows: Int) -> [(offset: Int, rows: Int)] {
  rows > 64 && (1...16).contains(rows % 64) ? [(0, rows - 32), (rows - 32, 32)] : [(0, rows)]
}
