import Checkpoints

/// The kernel flow that a method works with, and the checkpoint that it comes from.
struct FlowWeights: Sendable {
  let checkpoint: Checkpoint
  let flow: KernelFlow

  /// Reads the flow of scale 2 from `options.checkpoint`, or the shipped one.
  /// - Throws: `EstimationError.noCheckpoint` where there is neither, `CheckpointError` where the file has no such flow.
  init(_ options: MethodOptions) throws {
    guard let path = options.checkpoint ?? ShippedWeights.path(.flow, in: options.weightsFolder) else {
      throw EstimationError.noCheckpoint
    }
    checkpoint = try Checkpoint(path: path, anyOf: [.flow(scale: 2)])
    flow = KernelFlow(checkpoint, scale: 2)
  }
}
