import Platform

/// The network parameters of one checkpoint file, checked against the network that will use them.
///
/// Names and shapes are those of the caller's layout, for example `generator.conv2.weight`
/// (output, input, height, width). The file may hold more, as the state of training does.
public struct Checkpoint: Sendable {
  public let path: String
  /// Of the whole file, 64 hexadecimal digits: tells in reports which weights were used.
  public let sha256: String
  public let metadata: [String: String]
  private let parameters: [String: [Float]]

  /// Reads the file and holds it to `layout`: every name present, of that shape, float32 and finite.
  ///
  /// - Throws: `CheckpointError`. A file that is missing (`.missingFile`), one that is damaged
  ///   (`.notSafeTensors`, `.truncated`, `.notFinite`) and one of another network
  ///   (`.otherArchitecture`, `.wrongType`, for the first tensor in the layout's order) are told apart.
  public init(path: String, expecting layout: [(name: String, shape: [Int])]) throws {
    try self.init(path: path) { _ in layout }
  }

  /// The same for a layout that depends on which tensors there are.
  public init(path: String, expecting choose: (_ names: Set<String>) -> [(name: String, shape: [Int])]) throws
  {
    let bytes = try readFile(path)
    let content = try SafeTensors(bytes: bytes, file: path)
    let layout = choose(Set(content.tensors.keys))
    var parameters: [String: [Float]] = [:]
    for (name, shape) in layout {
      let actual = content.tensors[name]?.shape
      guard actual == shape else {
        throw CheckpointError.otherArchitecture(file: path, name: name, expected: shape, actual: actual)
      }
      let values = try content.floats(name)
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw CheckpointError.notFinite(file: path, name: name, index: index)
      }
      parameters[name] = values
    }
    self.path = path
    self.sha256 = try SHA256.hex(of: bytes)
    self.metadata = content.metadata
    self.parameters = parameters
  }

  /// Whether the parameter is in the layout that the checkpoint was read with.
  public func holds(_ name: String) -> Bool { parameters[name] != nil }

  /// This checkpoint with what it lacks taken from another.
  public func completed(by other: Checkpoint) -> Checkpoint {
    Checkpoint(
      path: path, sha256: sha256, metadata: metadata,
      parameters: parameters.merging(other.parameters) { own, _ in own })
  }

  private init(path: String, sha256: String, metadata: [String: String], parameters: [String: [Float]]) {
    (self.path, self.sha256, self.metadata, self.parameters) = (path, sha256, metadata, parameters)
  }

  /// The parameter `name`, row-major.
  ///
  /// - Precondition: `name` is in the layout that the checkpoint was read with.
  public func values(_ name: String) -> [Float] {
    guard let values = parameters[name] else { preconditionFailure("\(name) is not in the layout") }
    return values
  }
}
