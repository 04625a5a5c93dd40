import Numerics

/// The values of both networks at one moment, laid out as `Architecture.layout` says in one allocation. Owned by
/// one thread at a time.
public final class NetworkState {
  public let architecture: Architecture
  package let buffer: FloatBuffer

  /// All zero.
  public init(_ architecture: Architecture) {
    self.architecture = architecture
    buffer = FloatBuffer(architecture.layout.count)
  }

  /// From all values in the order of `architecture.layout`.
  public convenience init(_ architecture: Architecture, values: [Float]) {
    self.init(architecture)
    buffer.load(values)
  }

  /// A fresh start (PyTorch's default): every weight and convolution bias uniform on +-1/sqrt(fan-in), batch-norm
  /// scales 1 and shifts 0, u and v random unit vectors; all drawn from `key`.
  public convenience init(_ architecture: Architecture, freshFrom key: UInt64) {
    var random = Philox(key: Philox.key(key, .initialisation))
    self.init(architecture, drawing: &random)
  }

  /// The same from a sequence of draws that other networks share.
  /// - Parameter beforeVectors: draws what comes between the weights and the vectors u and v.
  package convenience init(
    _ architecture: Architecture, drawing random: inout Philox,
    beforeVectors: (inout Philox) -> Void = { _ in }
  ) {
    self.init(architecture)
    for entry in architecture.trainedEntries { draw(entry, &random) }
    beforeVectors(&random)
    for entry in architecture.layout.entries.dropFirst(Array(architecture.trainedEntries).count) {
      let values = UnsafeMutableBufferPointer(start: buffer.pointer + entry.offset, count: entry.count)
      Self.fillUnitVector(values, &random)
    }
  }

  private func draw(_ entry: TensorLayout.Entry, _ random: inout Philox) {
    guard entry.name.hasPrefix("discriminator.norm") else {
      return architecture.layout.drawUniform(entry, into: buffer, using: &random)
    }
    (buffer.pointer + entry.offset).update(
      repeating: entry.name.hasSuffix("weight") ? 1 : 0, count: entry.count)
  }

  public var values: [Float] { buffer.array }

  /// The values of one tensor, in its own order; empty for an unknown name.
  public func values(_ name: String) -> [Float] {
    architecture.layout[name].map { Array(buffer.values[$0.range]) } ?? []
  }

  public func copy() -> NetworkState {
    let copy = NetworkState(architecture)
    copy.load(self)
    return copy
  }

  /// Takes the other's values without allocating.
  public func load(_ other: NetworkState) { buffer.load(other.buffer) }

  package subscript(name: String) -> UnsafeMutablePointer<Float> {
    guard let entry = architecture.layout[name] else { preconditionFailure("no tensor \(name)") }
    return buffer.pointer + entry.offset
  }

  /// Normal directions would need a logarithm; a point of the cube, scaled, is as good a start.
  private static func fillUnitVector(_ values: UnsafeMutableBufferPointer<Float>, _ random: inout Philox) {
    let point = values.map { _ in random.uniform(in: -1..<1) }
    let length = max(point.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
    for i in values.indices { values[i] = Float(point[i] / length) }
  }
}
