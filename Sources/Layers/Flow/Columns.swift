/// A batch of vectors in double precision: one row a feature, one column a sample.
///
/// Rows are padded to a multiple of four samples, so that loops over samples need no tail. The padding of gradients
/// is 0; other padding has no meaning.
package struct Columns: Sendable, Equatable {
  /// Features.
  package let rows: Int
  /// Samples.
  package let count: Int
  /// (rows, stride)
  package var values: [Double]

  /// Numbers from one row to the next.
  package var stride: Int { Self.padded(count) }

  /// Creates a batch of zeros.
  package init(rows: Int, count: Int) {
    (self.rows, self.count) = (rows, count)
    values = [Double](repeating: 0, count: rows * Self.padded(count))
  }

  /// Creates a batch of one sample.
  package init(_ vector: [Double]) {
    self.init(rows: vector.count, count: 1)
    for (row, value) in vector.enumerated() { self[row, 0] = value }
  }

  /// One feature of one sample.
  package subscript(row: Int, sample: Int) -> Double {
    get { values[row * stride + sample] }
    set { values[row * stride + sample] = newValue }
  }

  /// The vector of one sample.
  package func sample(_ sample: Int) -> [Double] { (0..<rows).map { self[$0, sample] } }

  /// The chosen rows, in that order.
  func taking(_ chosen: [Int]) -> Columns {
    var part = Columns(rows: chosen.count, count: count)
    for (to, from) in chosen.enumerated() { part.copy(row: from, of: self, to: to) }
    return part
  }

  /// Puts the rows of `part` where `taking(chosen)` took them from.
  mutating func put(_ part: Columns, at chosen: [Int]) {
    for (from, to) in chosen.enumerated() { copy(row: from, of: part, to: to) }
  }

  private mutating func copy(row from: Int, of other: Columns, to row: Int) {
    let source = other.values[from * stride..<(from + 1) * stride]
    values.replaceSubrange(row * stride..<(row + 1) * stride, with: source)
  }

  static func + (a: Columns, b: Columns) -> Columns {
    var sum = a
    for i in sum.values.indices { sum.values[i] += b.values[i] }
    return sum
  }

  /// Replaces every four neighbouring values by the result of `change` for them and for those of `other`.
  mutating func replace(with other: Columns, _ change: (SIMD4<Double>, SIMD4<Double>) -> SIMD4<Double>) {
    precondition(other.values.count == values.count)
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        // Unsafe: both have `values.count` numbers, a multiple of four, as was just checked.
        guard let own = values.baseAddress, let base = other.baseAddress else { return }
        for i in Swift.stride(from: 0, to: values.count, by: 4) {
          store(change(load(own + i), load(base + i)), own + i)
        }
      }
    }
  }

  /// Replaces every four neighbouring values by the result of `change` for them.
  mutating func replace(_ change: (SIMD4<Double>) -> SIMD4<Double>) {
    values.withUnsafeMutableBufferPointer { values in
      // Unsafe: the count is a multiple of four.
      guard let own = values.baseAddress else { return }
      for i in Swift.stride(from: 0, to: values.count, by: 4) { store(change(load(own + i)), own + i) }
    }
  }

  private static func padded(_ count: Int) -> Int { (count + 3) & ~3 }
}

@inline(__always)
func load(_ pointer: UnsafePointer<Double>) -> SIMD4<Double> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Double>.self)
}

@inline(__always)
func store(_ value: SIMD4<Double>, _ pointer: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD4<Double>.self)
}
