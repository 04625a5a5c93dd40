public import Checkpoints
import Layers

extension Checkpoint.Layout {
  /// The kernel flow of a scale, 2 or 4.
  public static func flow(scale: Int) -> Checkpoint.Layout {
    Checkpoint.Layout(KernelFlow.shapes(scale: scale))
  }
}

extension KernelFlow {
  private static let statistics = "flow.statistics"

  /// Names and shapes as in checkpoints: the parameters, then the batch norms' running statistics.
  fileprivate static func shapes(scale: Int) -> [(name: String, shape: [Int])] {
    let flow = emptyFlow(scale: scale)
    let trained = flow.layout.entries.map { (name: $0.name, shape: $0.shape) }
    return trained + [
      (name: statistics, shape: [flow.statistics.count / flow.features / 2, 2, flow.features])
    ]
  }

  /// Every tensor by its name in checkpoints, in single precision.
  /// - Parameter halved: whether values are rounded to half precision.
  public func tensors(halved: Bool = false) -> [String: SafeTensors.Tensor] {
    let trained = flow.layout.entries.map { Array(flow.parameters[$0.range]) }
    let pairs = zip(Self.shapes(scale: scale), trained + [flow.statistics]).map { entry, values in
      (entry.name, SafeTensors.Tensor(values.map(Float.init), shape: entry.shape, halved: halved))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Reads a flow from a file of safetensors.
  /// - Throws: `CheckpointError` where the file holds no flow of this scale.
  public init(path: String, scale: Int) throws {
    self.init(try Checkpoint(path: path, anyOf: [.flow(scale: scale)]), scale: scale)
  }

  /// - Precondition: the checkpoint was read for the flow of this scale.
  init(_ checkpoint: Checkpoint, scale: Int) {
    var flow = Self.emptyFlow(scale: scale)
    flow.parameters = flow.layout.entries.flatMap { checkpoint.values($0.name).map(Double.init) }
    flow.statistics = checkpoint.values(Self.statistics).map(Double.init)
    self.init(scale: scale, flow: flow)
  }
}
