import Numerics

extension NetworkState {
  /// Where KernelGAN starts: every weight normal with a tenth of Xavier's deviation (Glorot, Bengio 2010), biases 0,
  /// batch-norm scales normal about 1 with deviation 0.02, shifts 0, u and v random unit vectors; all drawn from `key`.
  package convenience init(_ architecture: Architecture, smallXavierFrom key: UInt64) throws(NumericsError) {
    self.init(architecture)
    // Philox makes normals in sixty-fours.
    let normals = FloatBuffer((buffer.count + 63) / 64 * 64)
    Philox.normals(
      key: key, stream: 0, into: normals.pointer, count: normals.count, unit: try VectorUnit.current())
    for entry in architecture.layout.entries {
      let own = normals.values[entry.range]
      let (mean, deviation) = Self.smallXavier(entry, drawn: own)
      for i in entry.range { buffer.pointer[i] = mean + deviation * own[i] }
    }
  }

  /// A tensor's mean and deviation; the vectors' deviation is what makes their length one.
  private static func smallXavier(
    _ entry: TensorLayout.Entry, drawn: Slice<UnsafeMutableBufferPointer<Float>>
  ) -> (Float, Float) {
    switch entry.name.split(separator: ".").dropFirst().joined(separator: ".") {
    case let name where name.hasSuffix(".u") || name.hasSuffix(".v"):
      (0, 1 / drawn.reduce(0) { $0 + $1 * $1 }.squareRoot())
    case let name where name.hasSuffix(".bias"): (0, 0)
    case let name where name.hasPrefix("norm"): (1, 0.02)
    default: (0, 0.1 * (2 / Float(fans(entry.shape))).squareRoot())
    }
  }

  /// Fan-in plus fan-out of a convolution (O, I, h, w).
  private static func fans(_ shape: [Int]) -> Int {
    (shape[0] + shape[1]) * shape[2] * shape[3]
  }
}
