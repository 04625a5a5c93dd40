import Foundation

extension BlurKernel {
  /// The kernel as an `.npy` file: float32, C order, format version 1.0, byte for byte as NumPy saves it.
  public func npyData() -> Data {
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(side), \(side)), }"
    let padding = 63 - (NumPyFile.preamble + dictionary.utf8.count) % 64
    let header = dictionary + String(repeating: " ", count: padding) + "\n"
    var data = Data(NumPyFile.magic + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
    data.append(contentsOf: header.utf8)
    for value in values { data.append(littleEndian: Float(value).bitPattern) }
    return data
  }
}

/// Reads NumPy's `.npy`, versions 1 and 2 (numpy.lib.format): a magic string, the version, the header's length
/// in little-endian, the header (a Python dictionary in ASCII), the values.
enum NumPyFile {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Bytes before the header in version 1.
  static let preamble = 10
  static let largestFile = 16 << 20

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> BlurKernel {
    guard bytes.starts(with: magic), bytes.count >= preamble else {
      throw Malformed(reason: "it is not a NumPy file")
    }
    let lengthBytes = try lengthOfLength(version: bytes[6])
    let length = bytes[8...].prefix(lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = bytes.dropFirst(8 + lengthBytes).prefix(length)
    guard header.count == length else { throw Malformed(reason: "it ends inside its header") }
    let array = try Header(String(decoding: header, as: UTF8.self))
    return try array.kernel(from: bytes[header.endIndex...])
  }

  private static func lengthOfLength(version: UInt8) throws(Malformed) -> Int {
    switch version {
    case 1: 2
    case 2: 4
    default: throw Malformed(reason: "its format version is \(version); only 1 and 2 are known")
    }
  }

  private struct Header {
    let side: Int
    let isDouble, isFortranOrder: Bool

    init(_ text: String) throws(Malformed) {
      guard let type = text.firstMatch(of: /'descr'\s*:\s*'([^']*)'/)?.1,
        let order = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/)?.1,
        let shape = text.firstMatch(of: /'shape'\s*:\s*\(([^)]*)\)/)?.1
      else { throw Malformed(reason: "its header does not give type, order and shape") }
      guard type == "<f4" || type == "<f8" else {
        throw Malformed(reason: "its type is \(String(type).debugDescription); save it as float32 or float64")
      }
      let sides = shape.split(separator: ",").map { Int($0.filter { $0 != " " }) }
      guard sides.count == 2, let side = sides[0], side == sides[1], 1...BlurKernel.largestSideInFiles ~= side
      else {
        throw Malformed(reason: "its shape is (\(shape)); a kernel is square")
      }
      (self.side, isDouble, isFortranOrder) = (side, type == "<f8", order == "True")
    }

    func kernel(from bytes: ArraySlice<UInt8>) throws(Malformed) -> BlurKernel {
      let size = isDouble ? 8 : 4
      guard bytes.count == side * side * size else {
        throw Malformed(reason: "it holds \(bytes.count) bytes of values, expected \(side * side * size)")
      }
      let values = stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { start in
        value(bytes[start..<start + size])
      }
      let kernel = BlurKernel(side: side, values: values)
      return isFortranOrder ? kernel.transposed() : kernel
    }

    private func value(_ bytes: ArraySlice<UInt8>) -> Double {
      let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return isDouble ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(bits)))
    }
  }
}
