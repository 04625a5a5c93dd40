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
    let type: NumPyType
    let isFortranOrder: Bool

    init(_ text: String) throws(Malformed) {
      guard let type = text.firstMatch(of: /'descr'\s*:\s*'([^']*)'/)?.1,
        let order = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/)?.1,
        let shape = text.firstMatch(of: /'shape'\s*:\s*\(([^)]*)\)/)?.1
      else { throw Malformed(reason: "its header does not give type, order and shape") }
      guard let known = NumPyType(type) else {
        throw Malformed(
          reason: "its type is \(String(type).debugDescription); save it as float32 or another real number")
      }
      let sides = squeezed(shape.split(separator: ",").map { Int($0.filter { $0 != " " }) ?? -1 })
      guard sides.count == 2, sides[0] == sides[1], 1...BlurKernel.largestSideInFiles ~= sides[0] else {
        throw Malformed(reason: "its shape is (\(shape)); a kernel is square")
      }
      (side, self.type, isFortranOrder) = (sides[0], known, order == "True")
    }

    func kernel(from bytes: ArraySlice<UInt8>) throws(Malformed) -> BlurKernel {
      let size = type.size
      guard bytes.count == side * side * size else {
        throw Malformed(reason: "it holds \(bytes.count) bytes of values, expected \(side * side * size)")
      }
      let values = stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { start in
        type.value(bytes[start..<start + size])
      }
      let kernel = BlurKernel(side: side, values: values)
      return isFortranOrder ? kernel.transposed() : kernel
    }
  }
}

/// The sides of an array without those of 1 that are more than a matrix has, as frameworks write kernels: (1, 1, k, k) and
/// (1, k, k) are (k, k). That changes no value's place.
func squeezed(_ sides: [Int]) -> [Int] {
  var rest = sides[...]
  while rest.count > 2, rest.first == 1 { rest = rest.dropFirst() }
  while rest.count > 2, rest.last == 1 { rest = rest.dropLast() }
  return Array(rest)
}

/// A type of real numbers as NumPy writes it: byte order, kind and bytes, such as `<f4`, `>f8`, `|u1` or `|b1`.
private struct NumPyType {
  private enum Kind: Character {
    case float = "f"
    case signed = "i"
    case unsigned = "u"
    case boolean = "b"
  }

  /// Bytes a value.
  let size: Int
  private let kind: Kind
  private let isBigEndian: Bool

  /// Nil for a type that holds no real numbers, or none of up to 64 bits.
  init?(_ text: Substring) {
    let parts = Array(text)
    guard parts.count == 3, "<>|=".contains(parts[0]), let kind = Kind(rawValue: parts[1]),
      let size = parts[2].wholeNumberValue
    else { return nil }
    let sizes: Set<Int> = kind == .float ? [2, 4, 8] : kind == .boolean ? [1] : [1, 2, 4, 8]
    guard sizes.contains(size) else { return nil }
    (self.size, self.kind, isBigEndian) = (size, kind, parts[0] == ">")
  }

  func value(_ bytes: ArraySlice<UInt8>) -> Double {
    let bits = (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch kind {
    case .boolean: return bits == 0 ? 0 : 1
    case .unsigned: return Double(bits)
    case .signed:
      let unused = 64 - 8 * size
      return Double(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused))
    case .float where size == 2: return Self.half(UInt16(bits))
    case .float: return size == 4 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
    }
  }

  /// IEEE 754's binary16: one bit of sign, five of exponent, ten of fraction.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023) / 1024)
    let size =
      switch exponent {
      case 0: fraction * 0x1p-14
      case 31: fraction == 0 ? Double.infinity : .nan
      default: (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 0 ? size : -size
  }
}
