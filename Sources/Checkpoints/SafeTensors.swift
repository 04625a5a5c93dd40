/// Named tensors and text metadata in the safetensors format
/// (https://github.com/huggingface/safetensors): eight bytes of header length, a JSON header, and the
/// elements of all tensors, row-major and little-endian.
///
/// Whole files are held in memory; ours are between half a megabyte and some tens.
public struct SafeTensors: Sendable {
  /// By name. `__metadata__` is the format's own word and names no tensor.
  public var tensors: [String: Tensor]
  public var metadata: [String: String]
  /// What errors call this content: the path that it was read from.
  public let file: String
  /// Tensors of types that this program does not know, such as F8_E4M3: their types by their names. They are passed
  /// over in reading, and `encoded` does not write them.
  public let unread: [String: String]

  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.init(tensors: tensors, metadata: metadata, file: "tensors in memory", unread: [:])
  }

  init(tensors: [String: Tensor], metadata: [String: String], file: String, unread: [String: String]) {
    (self.tensors, self.metadata, self.file, self.unread) = (tensors, metadata, file, unread)
  }

  /// - Throws: `CheckpointError.missingTensor`, or `.wrongType` where its type is not known.
  public func tensor(_ name: String) throws -> Tensor {
    if let tensor = tensors[name] { return tensor }
    if let type = unread[name] { throw wrongType(name, type, expected: "a type that this program knows") }
    throw CheckpointError.missingTensor(file: file, name: name)
  }

  static let floatTypes = "F64, F32, F16 or BF16"

  /// The elements of an F32 tensor, of an F16 or BF16 one widened, or of an F64 one rounded to the nearest.
  ///
  /// - Throws: `CheckpointError.missingTensor` or `.wrongType`, as do the other accessors.
  public func floats(_ name: String) throws -> [Float] {
    let tensor = try tensor(name)
    switch tensor.type {
    case .f64: return tensor.elements(UInt64.self).map { Float(Double(bitPattern: $0)) }
    case .f32: return tensor.elements(UInt32.self).map(Float.init(bitPattern:))
    case .f16: return tensor.elements(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    // The upper half of an F32.
    case .bf16: return tensor.elements(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    default: throw wrongType(name, tensor.type.rawValue, expected: Self.floatTypes)
    }
  }

  /// The elements of an F64 tensor, or of an F32, F16 or BF16 one widened.
  public func doubles(_ name: String) throws -> [Double] {
    let tensor = try tensor(name)
    if tensor.type == .f64 { return tensor.elements(UInt64.self).map(Double.init(bitPattern:)) }
    return try floats(name).map(Double.init)
  }

  /// The elements of a tensor of any integer type (not BOOL); U64 values have to be below 2^63.
  public func integers(_ name: String) throws -> [Int] {
    let tensor = try tensor(name)
    switch tensor.type {
    case .u8: return tensor.bytes.map(Int.init)
    case .i8: return tensor.elements(Int8.self).map(Int.init)
    case .u16: return tensor.elements(UInt16.self).map(Int.init)
    case .i16: return tensor.elements(Int16.self).map(Int.init)
    case .i32: return tensor.elements(Int32.self).map(Int.init)
    case .u32: return tensor.elements(UInt32.self).map(Int.init)
    case .i64: return tensor.elements(Int64.self).map(Int.init)
    case .u64:
      let values = tensor.elements(UInt64.self).compactMap(Int.init(exactly:))
      guard values.count == tensor.count else {
        throw wrongType(name, tensor.type.rawValue, expected: "integers below 2^63")
      }
      return values
    case .bf16, .f16, .f32, .f64, .bool:
      throw wrongType(name, tensor.type.rawValue, expected: "integers")
    }
  }

  /// The bytes of a tensor as they are in the file, whatever its type.
  public func bytes(_ name: String) throws -> [UInt8] { try tensor(name).bytes }

  func wrongType(_ name: String, _ actual: String, expected: String) -> CheckpointError {
    .wrongType(file: file, name: name, expected: expected, actual: actual)
  }
}
