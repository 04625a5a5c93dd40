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
  /// - Parameters:
  ///   - companionsAlone: whether generator and discriminator are left out.
  ///   - halvesCompanions: whether what is neither generator nor discriminator is rounded to half precision.
  /// - Throws: `CheckpointError`.
  public func write(
    to path: String, metadata: [String: String], companionsAlone: Bool = false, halvesCompanions: Bool = false
  ) throws {
    var file = SafeTensors(metadata: metadata)
    for entry in architecture.layout.entries
    where !companionsAlone || Architecture.isCompanion(entry.name) {
      let values = values(entry.name)
      file.tensors[entry.name] =
        halvesCompanions && Architecture.isCompanion(entry.name)
        ? SafeTensors.Tensor(halves: values, shape: entry.shape)
        : SafeTensors.Tensor(values, shape: entry.shape)
    }
    try file.write(to: path)
  }
}
