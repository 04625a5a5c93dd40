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
    self.init(architecture)
    var random = Philox(key: Philox.key(key, .initialisation))
    for entry in architecture.layout.entries {
      let values = UnsafeMutableBufferPointer(start: buffer.pointer + entry.offset, count: entry.count)
      switch entry.name.split(separator: ".")[1...].joined(separator: ".") {
      case let name where name.hasPrefix("norm"):
        values.update(repeating: name.hasSuffix("weight") ? 1 : 0)
      case let name where name.hasSuffix(".u") || name.hasSuffix(".v"):
        Self.fillUnitVector(values, &random)
      default:
        let bound = 1 / Double(fanIn(of: entry)).squareRoot()
        for i in values.indices { values[i] = Float(random.uniform(in: -bound..<bound)) }
      }
    }
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

  /// Takes the generator and the discriminator of another state, spectral-norm vectors and all; companions stay.
  public func takeNetworks(of other: NetworkState) {
    for entry in other.architecture.layout.entries
    where !Architecture.isCompanion(entry.name) {
      self[entry.name].update(from: other[entry.name], count: entry.count)
    }
  }

  package subscript(name: String) -> UnsafeMutablePointer<Float> {
    guard let entry = architecture.layout[name] else { preconditionFailure("no tensor \(name)") }
    return buffer.pointer + entry.offset
  }

  private func fanIn(of entry: TensorLayout.Entry) -> Int {
    let weight = entry.name.replacing(".bias", with: ".weight")
    return architecture.layout[weight].map { $0.shape.dropFirst().reduce(1, *) } ?? 1
  }

  /// Normal directions would need a logarithm; a point of the cube, scaled, is as good a start.
  private static func fillUnitVector(_ values: UnsafeMutableBufferPointer<Float>, _ random: inout Philox) {
    let point = values.map { _ in random.uniform(in: -1..<1) }
    let length = max(point.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
    for i in values.indices { values[i] = Float(point[i] / length) }
  }
}
