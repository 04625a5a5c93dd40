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

  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.init(tensors: tensors, metadata: metadata, file: "tensors in memory")
  }

  init(tensors: [String: Tensor], metadata: [String: String], file: String) {
    (self.tensors, self.metadata, self.file) = (tensors, metadata, file)
  }

  /// - Throws: `CheckpointError.missingTensor`.
  public func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw CheckpointError.missingTensor(file: file, name: name) }
    return tensor
  }

  /// The elements of an F32 tensor, or of an F16 one widened.
  ///
  /// - Throws: `CheckpointError.missingTensor` or `.wrongType`, as do the other accessors.
  public func floats(_ name: String) throws -> [Float] {
    let tensor = try tensor(name)
    switch tensor.type {
    case .f32: return tensor.elements(UInt32.self).map(Float.init(bitPattern:))
    case .f16: return tensor.elements(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    default: throw wrongType(name, tensor, expected: "F32 or F16")
    }
  }

  /// The elements of an F64 tensor, or of an F32 one widened.
  public func doubles(_ name: String) throws -> [Double] {
    let tensor = try tensor(name)
    switch tensor.type {
    case .f64: return tensor.elements(UInt64.self).map(Double.init(bitPattern:))
    case .f32: return try floats(name).map(Double.init)
    default: throw wrongType(name, tensor, expected: "F64 or F32")
    }
  }

  /// The elements of a tensor of any integer type (not BOOL); U64 values have to be below 2^63.
  public func integers(_ name: String) throws -> [Int] {
    let tensor = try tensor(name)
    switch tensor.type {
    case .u8: return tensor.bytes.map(Int.init)
    case .i32: return tensor.elements(Int32.self).map(Int.init)
    case .u32: return tensor.elements(UInt32.self).map(Int.init)
    case .i64: return tensor.elements(Int64.self).map(Int.init)
    case .u64:
      let values = tensor.elements(UInt64.self).compactMap(Int.init(exactly:))
      guard values.count == tensor.count else {
        throw wrongType(name, tensor, expected: "integers below 2^63")
      }
      return values
    case .f16, .f32, .f64, .bool: throw wrongType(name, tensor, expected: "integers")
    }
  }

  /// The bytes of a tensor as they are in the file, whatever its type.
  public func bytes(_ name: String) throws -> [UInt8] { try tensor(name).bytes }

  private func wrongType(_ name: String, _ tensor: Tensor, expected: String) -> CheckpointError {
    .wrongType(file: file, name: name, expected: expected, actual: tensor.type.rawValue)
  }
}
