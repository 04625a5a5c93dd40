import Foundation

extension BlurKernel {
  /// The kernel as a MATLAB file of version 5: the float64 variable `Kernel`, uncompressed.
  public func matData() -> Data {
    let name = Array(MATFile.variable.utf8)
    let words: [UInt32] = [
      MATFile.Kind.matrix, UInt32(56 + 8 * values.count),
      MATFile.Kind.uint32, 8, MATFile.doubleClass, 0,
      MATFile.Kind.int32, 8, UInt32(side), UInt32(side),
      MATFile.Kind.int8, UInt32(name.count),
    ]
    var data = Data("MATLAB 5.0 MAT-file, a blur kernel".utf8)
    data.append(contentsOf: [UInt8](repeating: 32, count: 116 - data.count))
    data.append(contentsOf: [UInt8](repeating: 0, count: 8) + MATFile.littleEndianMark)
    for word in words { data.append(littleEndian: word) }
    data.append(contentsOf: name + [0, 0])
    for word in [MATFile.Kind.double, UInt32(8 * values.count)] { data.append(littleEndian: word) }
    for value in transposed().values { data.append(littleEndian: value.bitPattern) }
    return data
  }
}

/// MATLAB files of version 5, as described in MathWorks' "MAT-File Format": a header of 128 bytes, then one
/// element per variable, each a tag (type, size) and its data.
///
/// This is not left to libmatio, because it believes what damaged headers claim: one flipped byte of a small
/// file made it ask for 8 GB, other damage kept it busy for more than five seconds. Here sizes are held against
/// the bytes there are, and variables of other names are passed over unread.
enum MATFile {
  static let variable = "Kernel"
  static let littleEndianMark: [UInt8] = [0, 1] + Array("IM".utf8)
  private static let bigEndianMark: [UInt8] = [1, 0] + Array("MI".utf8)
  static let doubleClass: UInt32 = 6
  /// Room for other variables beside the kernel.
  static let largestFile = 64 << 20

  /// Types of elements that are not plain numbers, or that the writer needs.
  enum Kind {
    static let int8: UInt32 = 1
    static let int32: UInt32 = 5
    static let uint32: UInt32 = 6
    static let double: UInt32 = 9
    static let matrix: UInt32 = 14
    static let compressed: UInt32 = 15
  }

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> BlurKernel {
    let mark = Array(bytes.prefix(128).dropFirst(124))
    guard mark == littleEndianMark || mark == bigEndianMark else {
      throw Malformed(reason: "it is not a MATLAB file of version 5; save it with -v7 or -v6")
    }
    var elements = MATElements(bytes.dropFirst(128), isBigEndian: mark == bigEndianMark)
    var others: [String] = []
    while !elements.isAtEnd {
      let matrix = try MATMatrix(elements.nextVariable())
      if matrix.name == variable { return try matrix.kernel() }
      others.append(matrix.name.debugDescription)
    }
    let known = others.isEmpty ? "nor any other" : "only \(others.joined(separator: ", "))"
    throw Malformed(reason: "it has no variable '\(variable)', \(known)")
  }
}

extension Data {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
