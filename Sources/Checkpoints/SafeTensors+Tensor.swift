extension SafeTensors {
  /// The element types that this program knows, by their names in the format.
  public enum ElementType: String, Sendable {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case i64 = "I64"
    case i32 = "I32"
    case u64 = "U64"
    case u32 = "U32"
    case i16 = "I16"
    case u16 = "U16"
    case i8 = "I8"
    case u8 = "U8"
    case bool = "BOOL"

    /// Whether `SafeTensors.floats` reads it.
    public var isFloats: Bool { [.f64, .f32, .f16, .bf16].contains(self) }

    /// Bytes per element.
    public var size: Int {
      switch self {
      case .f64, .i64, .u64: 8
      case .f32, .i32, .u32: 4
      case .f16, .bf16, .i16, .u16: 2
      case .i8, .u8, .bool: 1
      }
    }
  }

  /// One tensor: `bytes` holds the product of `shape` elements, row-major, little-endian. An empty shape
  /// is a scalar.
  public struct Tensor: Sendable, Equatable {
    public let type: ElementType
    public let shape: [Int]
    public let bytes: [UInt8]

    /// The number of elements.
    public var count: Int { bytes.count / type.size }

    /// - Precondition: `bytes` has the length that type and shape ask for.
    public init(type: ElementType, shape: [Int], bytes: [UInt8]) {
      precondition(shape.reduce(type.size, *) == bytes.count, "\(bytes.count) bytes for shape \(shape)")
      (self.type, self.shape, self.bytes) = (type, shape, bytes)
    }

    /// - Parameter halved: whether values are rounded to half precision (IEEE 754 binary16), to the nearest, ties to
    ///   even.
    public init(_ values: [Float], shape: [Int], halved: Bool = false) {
      let bytes =
        halved
        ? littleEndian(values.lazy.map { Float16($0).bitPattern })
        : littleEndian(values.lazy.map(\.bitPattern))
      self.init(type: halved ? .f16 : .f32, shape: shape, bytes: bytes)
    }

    public init(_ values: [Double], shape: [Int]) {
      self.init(type: .f64, shape: shape, bytes: littleEndian(values.lazy.map(\.bitPattern)))
    }

    public init(_ values: [Int], shape: [Int]) {
      self.init(type: .i64, shape: shape, bytes: littleEndian(values))
    }

    /// The elements' bit patterns in the machine's byte order; `Bits` is as wide as an element.
    func elements<Bits: FixedWidthInteger>(_: Bits.Type) -> [Bits] {
      let stride = MemoryLayout<Bits>.size
      return bytes.withUnsafeBytes { buffer in
        (0..<count).map { index in
          Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: index * stride, as: Bits.self))
        }
      }
    }
  }
}

func littleEndian(_ values: some Collection<some FixedWidthInteger>) -> [UInt8] {
  values.map(\.littleEndian).withUnsafeBytes { Array($0) }
}
