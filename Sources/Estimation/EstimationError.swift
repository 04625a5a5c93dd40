/// What can go wrong between a picture and its kernel.
public enum EstimationError: Error, Equatable, Sendable, CustomStringConvertible {
  case numerics(String)
  case diverged(steps: Int)
  case noMass(sum: Double)
  case noCheckpoint
  case noEdges
  case noPrediction(file: String)
  case noNetworks(file: String)
  case tooSmall(method: String, width: Int, height: Int, least: Int)
  case notFinite(steps: Int)
  case notFollowed(method: String, options: [String])
  /// Whoever asked for the kernel wants it no more.
  case cancelled

  public var description: String {
    switch self {
    case .numerics(let text): text
    case .diverged(let steps):
      "the adaptation left the finite numbers within \(steps) steps; lower --generator-rate or --discriminator-rate"
    case .noMass(let sum):
      "the kernel found sums to \(sum), so it cannot be scaled; try another seed, other settings or another checkpoint"
    case .noPrediction(let file):
      "\(file): holds no prediction network, which mode best needs; use --mode paper or other weights"
    case .noNetworks(let file):
      "\(file): holds no generator and discriminator, which mode paper needs; use --mode best or other weights"
    case .noEdges:
      "the picture has one value everywhere, and an estimate needs edges; give it a picture that shows something"
    case .noCheckpoint:
      "no checkpoint: the shipped weights are not beside this program, so name one with --checkpoint FILE"
    case .tooSmall(let method, let width, let height, let least):
      "the method \(method) needs pictures of at least \(least)x\(least) pixels, and this one has \(width)x\(height); "
        + "estimate it with --method metakernelgan, which takes any size"
    case .notFinite(let steps):
      "the kernel left the finite numbers within \(steps) steps; try another seed or fewer --steps"
    case .notFollowed(let method, let options):
      "the method \(method) has no use for \(options.joined(separator: ", ")); leave out what it cannot follow"
    case .cancelled: "the estimate was stopped, since nobody waits for its result any more"
    }
  }
}
