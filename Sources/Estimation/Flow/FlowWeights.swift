import Checkpoints

/// The flow that a method works with, and the file that it comes from.
struct FlowWeights: Sendable {
  let checkpoint: Checkpoint
  let flow: KernelFlow

  /// The flow of scale 2 of `options.checkpoint`, or the shipped one.
  ///
  /// - Parameters:
  ///   - method: whose options these are.
  ///   - more: what it follows besides `--checkpoint` and `--steps`.
  /// - Throws: `EstimationError.notFollowed` where others are set, `.noCheckpoint`, `CheckpointError`.
  init(_ options: MethodOptions, for method: String, following more: [String] = []) throws {
    let others = options.named.filter { !(["--checkpoint", "--steps"] + more).contains($0) }
    guard others.isEmpty else { throw EstimationError.notFollowed(method: method, options: others) }
    guard let path = options.checkpoint ?? ShippedWeights.path(.flow, in: options.weightsFolder) else {
      throw EstimationError.noCheckpoint
    }
    checkpoint = try Checkpoint(path: path, anyOf: [.flow(scale: 2)])
    flow = KernelFlow(checkpoint, scale: 2)
  }
}
