public import Checkpoints
import Conditioning
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
  /// Shipped for that scale alone, and for pictures that were JPEGs, to be asked as well of others at scale 2; none where a
  /// checkpoint was named. With the start's generator and discriminator.
  private let startsAtScale4: [Checkpoint], startForJPEGs: Checkpoint?
  private let refinement: KernelRefinement?
  private let refinementWeights: String?

  public var steps: Int { settings.steps }
  public var checkpoint: Checkpoint? { start }
  public var identity: String? {
    (([start, startForJPEGs].compactMap { $0 } + startsAtScale4).map(\.sha256)
      + [refinementWeights].compactMap { $0 }).joined(separator: "+")
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
    startForJPEGs = try beside(.x2OfJPEGs)
    startsAtScale4 = try [.x4, .x4Unthinned].compactMap(beside)
    let resolver = try isForeseen ? options.refinement.map { try SuperResolver(weights: $0) } : nil
    (refinement, refinementWeights) = (resolver.flatMap { KernelRefinement($0) }, resolver?.sha256)
    settings = options.applied(to: isForeseen ? .refining : .paper)
  }

  public func checkpoint(scale: Int) -> Checkpoint? { starts(ofJPEGs: false, scale: scale)[0] }

  /// Of several the kernels foreseen are averaged, and the first is adapted.
  private func starts(ofJPEGs: @autoclosure () -> Bool, scale: Int) -> [Checkpoint] {
    if let startForJPEGs, ofJPEGs() { return [startForJPEGs] }
    if scale == 4, !startsAtScale4.isEmpty { return startsAtScale4 }
    return [start, startForJPEGs].compactMap { $0 }
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
