public import Checkpoints

extension Checkpoint.Layout {
  /// The generator and the discriminator.
  public static let networks = Checkpoint.Layout(Architecture.paper)

  fileprivate init(_ architecture: Architecture) {
    self.init(architecture.layout.entries.map { ($0.name, $0.shape) })
  }
}

extension Checkpoint {
  /// Reads the parameters that `architecture` needs from a safetensors file.
  /// - Throws: `CheckpointError`.
  public init(path: String, for architecture: Architecture) throws {
    try self.init(path: path, anyOf: [Layout(architecture)])
  }

  /// The state that a checkpoint read for the same architecture holds.
  public func state(_ architecture: Architecture) -> NetworkState {
    NetworkState(architecture, values: architecture.layout.entries.flatMap { values($0.name) })
  }

  /// The paper's generator and discriminator; nil where the checkpoint was read without them.
  public var networks: NetworkState? { holds(.networks) ? state(.paper) : nil }
}

extension NetworkState {
  /// Every tensor by its name in checkpoints.
  public var tensors: [String: SafeTensors.Tensor] {
    let pairs = architecture.layout.entries.map { entry in
      (entry.name, SafeTensors.Tensor(values(entry.name), shape: entry.shape))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Writes every tensor as a checkpoint.
  /// - Throws: `CheckpointError`.
  public func write(to path: String, metadata: [String: String]) throws {
    try SafeTensors(tensors: tensors, metadata: metadata).write(to: path)
  }
}
