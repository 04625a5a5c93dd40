/// Names, shapes and places of tensors that share one allocation.
public struct TensorLayout: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let name: String
    /// Outermost dimension first, as PyTorch stores it: convolutions (O, I, h, w).
    public let shape: [Int]
    public let offset: Int
    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
  }

  public private(set) var entries: [Entry] = []
  public var count: Int { entries.last.map(\.range.upperBound) ?? 0 }

  package init() {}

  package mutating func append(_ name: String, _ shape: [Int]) {
    entries.append(Entry(name: name, shape: shape, offset: count))
  }

  /// The entry of a tensor; `nil` for a name that is not there.
  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}

extension TensorLayout {
  /// Fills a weight or a bias as PyTorch does by default: uniform on +-1/sqrt(fan-in), one draw a value. A bias has the
  /// fan-in of its weight.
  package func drawUniform(_ entry: Entry, into buffer: FloatBuffer, using random: inout Philox) {
    let weight = self[entry.name.replacing(".bias", with: ".weight")]
    let fanIn = weight.map { $0.shape.dropFirst().reduce(1, *) } ?? 1
    let bound = 1 / Double(fanIn).squareRoot()
    for i in entry.range { buffer.pointer[i] = Float(random.uniform(in: -bound..<bound)) }
  }
}
