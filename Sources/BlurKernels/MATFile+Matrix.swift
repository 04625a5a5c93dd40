/// One variable of a MATLAB file, its values not yet looked at.
struct MATMatrix {
  let name: String
  private static let longestName = 63
  private let type: UInt32
  private let isComplex: Bool
  private let dimensions: [Int]
  /// What follows the name: the values.
  private var elements: MATElements

  init(_ elements: MATElements) throws(Malformed) {
    self.elements = elements
    let flags = self.elements.integer(try self.elements.next().data.prefix(4))
    (type, isComplex) = (UInt32(flags & 0xFF), flags & 0x800 != 0)
    var part = try self.elements.next()
    if part.kind == MATFile.Kind.int32 {
      dimensions = self.elements.numbers(part.data, size: 4) { Int(Int32(truncatingIfNeeded: $0)) }
      part = try self.elements.next()
    } else {
      // MATLAB's own objects have no dimensions here.
      dimensions = []
    }
    name = String(decoding: part.data.prefix(Self.longestName), as: UTF8.self)
  }

  /// The values, turned from the file's columns first to rows first.
  func kernel() throws(Malformed) -> BlurKernel {
    let numericTypes: ClosedRange<UInt32> = 6...15
    let sides = squeezed(dimensions)
    guard numericTypes ~= type, !isComplex, sides.count == 2 else {
      throw Malformed(reason: "'\(name)' is not a matrix of real numbers")
    }
    let (rows, columns) = (sides[0], sides[1])
    guard rows == columns, 1...BlurKernel.largestSideInFiles ~= rows else {
      throw Malformed(reason: "'\(name)' is \(rows)x\(columns); a kernel is square")
    }
    var elements = elements
    let (kind, data) = try elements.next()
    let values = try doubles(kind, data)
    guard values.count == rows * rows else {
      throw Malformed(reason: "'\(name)' holds \(values.count) values, expected \(rows * rows)")
    }
    return BlurKernel(side: rows, values: values).transposed()
  }

  /// Values are stored in the smallest type that holds them, whatever the variable's own.
  private func doubles(_ kind: UInt32, _ data: ArraySlice<UInt8>) throws(Malformed) -> [Double] {
    switch kind {
    case 1: elements.numbers(data, size: 1) { Double(Int8(truncatingIfNeeded: $0)) }
    case 2: elements.numbers(data, size: 1) { Double($0) }
    case 3: elements.numbers(data, size: 2) { Double(Int16(truncatingIfNeeded: $0)) }
    case 4: elements.numbers(data, size: 2) { Double($0) }
    case 5: elements.numbers(data, size: 4) { Double(Int32(truncatingIfNeeded: $0)) }
    case 6: elements.numbers(data, size: 4) { Double($0) }
    case 7: elements.numbers(data, size: 4) { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case 9: elements.numbers(data, size: 8) { Double(bitPattern: $0) }
    case 12: elements.numbers(data, size: 8) { Double(Int64(bitPattern: $0)) }
    case 13: elements.numbers(data, size: 8) { Double($0) }
    default: throw Malformed(reason: "it is damaged: '\(name)' stores its values as the unknown type \(kind)")
    }
  }
}

extension MATElements {
  /// Whole numbers of `size` bytes each, converted; a remainder is left out.
  fileprivate func numbers<Number>(
    _ data: ArraySlice<UInt8>, size: Int, _ convert: (UInt64) -> Number
  ) -> [Number] {
    (0..<data.count / size).map { index in
      let start = data.startIndex + index * size
      return convert(integer(data[start..<start + size]))
    }
  }
}
