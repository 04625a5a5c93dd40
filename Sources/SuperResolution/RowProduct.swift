import Numerics

/// C = A B or C += A B for a B of any number of columns, by products of 16 columns of which the last may be partly in
/// vain: pictures of all widths share one generated function, and one that is exact (see `MatrixProduct`).
struct RowProduct {
  private static let block = 16
  private let product: MatrixProduct
  private let m: Int, columns: Int, k: Int
  /// One block of B and of C, for the columns that do not fill one.
  private let partB: FloatBuffer, partC: FloatBuffer

  init(m: Int, columns: Int, k: Int, accumulating: Bool = false) throws(NumericsError) {
    (self.m, self.columns, self.k) = (m, columns, k)
    product = try MatrixProduct(m: m, n: Self.block, k: k, accumulating: accumulating)
    partB = FloatBuffer(Self.block * k)
    partC = FloatBuffer(Self.block * m)
  }

  func callAsFunction(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    let last = columns / Self.block * Self.block
    for column in stride(from: 0, to: last, by: Self.block) { product(a, b + column * k, c + column * m) }
    if last == columns { return }
    partB.pointer.update(from: b + last * k, count: (columns - last) * k)
    partC.pointer.update(from: c + last * m, count: (columns - last) * m)
    product(a, partB.pointer, partC.pointer)
    (c + last * m).update(from: partC.pointer, count: (columns - last) * m)
  }
}

/// The first convolution, 3x3 from 4 channels to 16, tap by tap.
struct HeadConvolution {
  private let storing: RowProduct, accumulating: RowProduct

  init(width: Int) throws(NumericsError) {
    storing = try RowProduct(m: 16, columns: width, k: 4)
    accumulating = try RowProduct(m: 16, columns: width, k: 4, accumulating: true)
  }

  /// - Parameter adding: whether the target keeps what it holds.
  func run(_ weight: SharedWeights, from source: FeatureMap, to target: FeatureMap, adding: Bool) {
    for y in 0..<target.height {
      for tap in 0..<9 {
        let product = tap > 0 || adding ? accumulating : storing
        product(
          weight.pointer + tap * 4 * 16, source.paddedRow(y + tap / 3 - 1) + tap % 3 * 4,
          target.row(y))
      }
    }
  }

  /// (3, 3, 4, 16) of PyTorch's (16, 4, 3, 3)
  static func arranged(_ weight: [Float]) -> SharedWeights {
    SharedWeights(
      (0..<9 * 4 * 16).map { index in
        let (tap, input, output) = (index / 64, index / 16 % 4, index % 16)
        return weight[(output * 4 + input) * 9 + tap]
      })
  }
}

/// Halves the size: 2x2 windows side by side, of which each row is 2 * channels floats.
struct DownConvolution {
  private let upper: RowProduct, lower: RowProduct
  private let inputs: Int, outputs: Int

  /// - Parameter width: of the result.
  init(width: Int, inputs: Int, outputs: Int) throws(NumericsError) {
    (self.inputs, self.outputs) = (inputs, outputs)
    upper = try RowProduct(m: outputs, columns: width, k: 2 * inputs)
    lower = try RowProduct(m: outputs, columns: width, k: 2 * inputs, accumulating: true)
  }

  func run(_ weight: SharedWeights, from source: FeatureMap, to target: FeatureMap) {
    for y in 0..<target.height {
      upper(weight.pointer, source.row(2 * y), target.row(y))
      lower(weight.pointer + 2 * inputs * outputs, source.row(2 * y + 1), target.row(y))
    }
  }

  /// (2, 2, inputs, outputs) of PyTorch's (outputs, inputs, 2, 2)
  static func arranged(_ weight: [Float], inputs: Int, outputs: Int) -> SharedWeights {
    SharedWeights(
      (0..<4 * inputs * outputs).map { index in
        let (window, input, output) = (
          index / outputs / inputs, index / outputs % inputs, index % outputs
        )
        return weight[(output * inputs + input) * 4 + window]
      })
  }
}

/// Doubles the size, the transpose of such a convolution: every pixel becomes 2x2.
struct UpConvolution {
  private let product: RowProduct
  private let inputs: Int, outputs: Int

  /// - Parameter width: of the source.
  init(width: Int, inputs: Int, outputs: Int) throws(NumericsError) {
    (self.inputs, self.outputs) = (inputs, outputs)
    product = try RowProduct(m: 2 * outputs, columns: width, k: inputs)
  }

  func run(_ weight: SharedWeights, from source: FeatureMap, to target: FeatureMap) {
    for y in 0..<target.height {
      product(weight.pointer + y % 2 * 2 * inputs * outputs, source.row(y / 2), target.row(y))
    }
  }

  /// (2, inputs, 2, outputs) of PyTorch's (inputs, outputs, 2, 2)
  static func arranged(_ weight: [Float], inputs: Int, outputs: Int) -> SharedWeights {
    SharedWeights(
      (0..<4 * inputs * outputs).map { index in
        let (a, input) = (index / outputs / 2 / inputs, index / outputs / 2 % inputs)
        let (b, output) = (index / outputs % 2, index % outputs)
        return weight[(input * outputs + output) * 4 + 2 * a + b]
      })
  }
}
