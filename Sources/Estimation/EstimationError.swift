/// The reasons why a picture has no kernel.
public enum EstimationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A numerical library or the processor refused; carries the text of the error.
  case numerics(String)
  /// The adaptation gave values that are not finite.
  case diverged(steps: Int)
  /// The kernel's sum is 0, negative or not finite, so it cannot be normalised.
  case noMass(sum: Double)
  /// The shipped weights are not where they should be, and no checkpoint was named.
  case noCheckpoint
  /// All pixels of the picture are alike.
  case noEdges
  /// The checkpoint has no prediction network.
  case noPrediction(file: String)
  /// The checkpoint has no generator and discriminator.
  case noNetworks(file: String)
  /// The picture has a side of less than `least` pixels.
  case tooSmall(method: String, width: Int, height: Int, least: Int)
  /// The kernel of a method without adaptation has values that are not finite.
  case notFinite(steps: Int)
  /// Options, by their names on the command line, that the method does not follow.
  case notFollowed(method: String, options: [String])
  /// The caller stopped the estimate.
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
