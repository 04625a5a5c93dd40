public import Checkpoints
import Foresight
public import Imaging
import SuperResolution

/// Adapts the GAN to a picture from a meta-learned start. In the paper's way the start is the same for every picture
/// (Algorithm 2); in ours it looks at the picture's spectrum first.
public struct MetaKernelGANMethod: EstimationMethod {
  public static let name = "metakernelgan"
  public static let summary = "adapts the GAN from a meta-learned start"

  public let settings: EstimationSettings
  private let isForeseen: Bool
  private let start: Checkpoint
  /// Shipped beside it, with its generator and discriminator: for scale 4, and by scales for pictures that were JPEGs, asked
  /// of others as well. None where a checkpoint was named.
  private let startAtScale4: Checkpoint?, startsForJPEGs: [Int: Checkpoint]
  private let refinement: KernelRefinement?
  private let refinementWeights: String?

  public var steps: Int { settings.steps }
  public var checkpoint: Checkpoint? { start }
  public var identity: String? {
    let starts = [start, startsForJPEGs[2], startAtScale4, startsForJPEGs[4]]
    return (starts.map(\.?.sha256) + [refinementWeights]).compactMap { $0 }.joined(separator: "+")
  }
  public var mode: MethodOptions.Mode? { isForeseen ? .best : .paper }

  public init(_ options: MethodOptions) throws {
    guard let path = options.checkpoint ?? ShippedWeights.path(.x2) else {
      throw EstimationError.noCheckpoint
    }
    let start = try Checkpoint(anyOf: path)
    self.start = start
    let isConditioned = start.architecture.isConditioned
    if options.mode == .best, !isConditioned { throw EstimationError.notConditioned(file: path) }
    isForeseen = isConditioned && options.mode != .paper
    let isShipped = isForeseen && options.checkpoint == nil
    func beside(_ file: ShippedWeights.File) throws -> Checkpoint? {
      guard isShipped, let path = ShippedWeights.path(file) else { return nil }
      return try Checkpoint(foresightOf: path).completed(by: start)
    }
    startAtScale4 = try beside(.x4)
    startsForJPEGs = try [2: ShippedWeights.File.x2OfJPEGs, 4: .x4OfJPEGs].compactMapValues(beside)
    let resolver =
      try isForeseen ? options.refinement.map { try SuperResolver(weights: EnlargerChoice($0)) } : nil
    (refinement, refinementWeights) = (resolver.flatMap { KernelRefinement($0) }, resolver?.sha256)
    settings = options.applied(to: isForeseen ? .refining : .paper)
  }

  public func checkpoint(scale: Int) -> Checkpoint? { starts(ofJPEGs: false, scale: scale)[0] }

  /// Of several the kernels foreseen are averaged, and the first is adapted.
  private func starts(ofJPEGs: @autoclosure () -> Bool, scale: Int) -> [Checkpoint] {
    let usual = scale == 4 ? startAtScale4 ?? start : start
    let ofThisScale = [startsForJPEGs[scale]].compactMap { $0 }
    guard !ofThisScale.isEmpty, ofJPEGs() else { return [usual] + ofThisScale }
    // What the network of scale 2 says of scale 4 is narrower, the more so the coarser the JPEG: the mean is safer than
    // either.
    return scale == 4 ? ofThisScale + [startsForJPEGs[2]].compactMap { $0 } : ofThisScale
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int], onStep: (Int) -> Void
  ) throws -> Estimate {
    let starts = starts(ofJPEGs: picture.jpegTrace != nil, scale: scale)
    let states = starts.map(\.state)
    let prediction = isForeseen ? try KernelPredictor(states, scale: scale).predict(picture) : nil
    let found = try Estimator(settings, architecture: states[0].architecture).estimate(
      picture, from: states[0], foreseen: prediction?.kernel, seed: seed, recording: recording,
      onStep: onStep)
    var estimate = try found.at(scale: scale)
    (estimate.spread, estimate.start) = (prediction?.spread, starts[0])
    estimate.companions = Array(starts.dropFirst())
    if let outcome = try refinement?.refine(
      estimate.kernel, rival: found.rival(scale: scale), of: picture, scale: scale)
    {
      (estimate.kernel, estimate.refinement) = (outcome.kernel, outcome)
      if recording.contains(steps) { estimate.recorded[steps] = outcome.kernel }
    }
    return estimate
  }
}

extension MethodOptions {
  func applied(to usual: EstimationSettings) -> EstimationSettings {
    var settings = usual
    if let steps { settings.steps = steps }
    if let generatorRate { settings.step.generatorRate = generatorRate }
    if let discriminatorRate { settings.step.discriminatorRate = discriminatorRate }
    if let patches { settings.patches = patches }
    if let border { settings.border = border }
    if let averagedSteps { settings.averagedSteps = averagedSteps }
    if let normalised { settings.normalised = normalised }
    return settings
  }
}
