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

  mutating func append(_ name: String, _ shape: [Int]) {
    entries.append(Entry(name: name, shape: shape, offset: count))
  }

  /// The entry of a tensor; `nil` for a name that is not there.
  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}
