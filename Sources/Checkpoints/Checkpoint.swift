import Platform

/// The network parameters of one checkpoint file, checked against the networks that will use them.
///
/// Names and shapes are those of the caller's layout, for example `generator.conv2.weight`
/// (output, input, height, width). The file may hold more, as the state of training does.
public struct Checkpoint: Sendable {
  public let path: String
  /// Of the whole file, 64 hexadecimal digits: tells in reports which weights were used.
  public let sha256: String
  public let metadata: [String: String]
  private let parameters: [String: [Float]]

  /// The tensors of one network; each network's module names its own.
  public struct Layout: Sendable {
    let tensors: [(name: String, shape: [Int])]

    public init(_ tensors: [(name: String, shape: [Int])]) { self.tensors = tensors }
  }

  /// Reads the file and holds it to `layout`: every name present, of that shape, of a floating-point type and finite.
  ///
  /// - Throws: `CheckpointError`. A file that is missing (`.missingFile`), one that is damaged
  ///   (`.notSafeTensors`, `.truncated`, `.notFinite`) and one of another network
  ///   (`.otherArchitecture`, `.wrongType`, for the first tensor in the layout's order) are told apart.
  public init(path: String, expecting layout: [(name: String, shape: [Int])]) throws {
    try self.init(path: path, anyOf: [Layout(layout)])
  }

  /// The same for a file that holds one or more of several networks. A network is read where any tensor of it is there,
  /// and then all of it must be; a file without any of them is refused for lack of the first.
  public init(path: String, anyOf layouts: [Layout]) throws {
    let content = try SafeTensors.readingWhole(path)
    let held = layouts.filter { layout in layout.tensors.contains { content.tensors.holds($0.name) } }
    var parameters: [String: [Float]] = [:]
    for (name, shape) in (held.isEmpty ? Array(layouts.prefix(1)) : held).flatMap(\.tensors) {
      parameters[name] = try content.tensors.checked(name, shape)
    }
    self.path = path
    self.sha256 = content.sha256
    self.metadata = content.tensors.metadata
    self.parameters = parameters
  }

  /// Whether the parameter was read.
  public func holds(_ name: String) -> Bool { parameters[name] != nil }

  /// Whether that network was read.
  public func holds(_ layout: Layout) -> Bool { layout.tensors.allSatisfy { holds($0.name) } }

  /// The parameter `name`, row-major.
  ///
  /// - Precondition: `name` is in a layout that was read.
  public func values(_ name: String) -> [Float] {
    guard let values = parameters[name] else { preconditionFailure("\(name) is not in the layout") }
    return values
  }
}

extension SafeTensors {
  fileprivate static func readingWhole(_ path: String) throws -> (tensors: SafeTensors, sha256: String) {
    let bytes = try contents(of: path)
    return (try SafeTensors(bytes: bytes, file: path), try SHA256.hex(of: bytes))
  }

  /// Whether the file has a tensor of that name, of whatever type.
  fileprivate func holds(_ name: String) -> Bool { tensors[name] != nil || unread[name] != nil }

  /// The values of a tensor that must have that shape and be finite.
  fileprivate func checked(_ name: String, _ shape: [Int]) throws -> [Float] {
    if let type = unread[name] { throw wrongType(name, type, expected: Self.floatTypes) }
    let actual = tensors[name]?.shape
    guard actual == shape else {
      throw CheckpointError.otherArchitecture(file: file, name: name, expected: shape, actual: actual)
    }
    let values = try floats(name)
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw CheckpointError.notFinite(file: file, name: name, index: index)
    }
    return values
  }
}
