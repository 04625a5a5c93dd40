public import Checkpoints

extension Checkpoint {
  /// Reads the parameters that `architecture` needs from a safetensors file.
  /// - Throws: `CheckpointError`.
  public init(path: String, for architecture: Architecture) throws {
    try self.init(path: path, expecting: architecture.layout.entries.map { ($0.name, $0.shape) })
  }

  /// The state that a checkpoint read for the same architecture holds.
  public func state(_ architecture: Architecture) -> NetworkState {
    NetworkState(architecture, values: architecture.layout.entries.flatMap { values($0.name) })
  }
}

extension NetworkState {
  /// Writes every tensor as a checkpoint.
  /// - Throws: `CheckpointError`.
  public func write(to path: String, metadata: [String: String]) throws {
    var file = SafeTensors(metadata: metadata)
    for entry in architecture.layout.entries {
      file.tensors[entry.name] = SafeTensors.Tensor(values(entry.name), shape: entry.shape)
    }
    try file.write(to: path)
  }
}
