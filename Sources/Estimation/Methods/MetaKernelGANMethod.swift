public import Checkpoints
import Foresight
public import Imaging
import Networks
import SuperResolution

/// MetaKernelGAN, in two modes. Mode best predicts the kernel from the picture's spectrum; if steps are asked for, it
/// then adapts the GAN from the predicted kernel. Mode paper adapts the GAN from the meta-learned start, which is the
/// same for every picture (paper, Algorithm 2).
public struct MetaKernelGANMethod: EstimationMethod {
  public static let name = "metakernelgan"
  public static let summary = "adapts the GAN from a meta-learned start"
  public static let startsFromWeights = true

  public let settings: EstimationSettings
  /// Nil in mode paper.
  private let predicting: PredictionWeights?
  /// Generator and discriminator; nil where nothing is adapted.
  private let networks: Checkpoint?
  private let refinement: KernelRefinement?
  private let refinementWeights: String?

  public var steps: Int { settings.steps }
  public var checkpoint: Checkpoint? { checkpoint(scale: 2) }
  public var identity: String? {
    var hashes: [String] = []
    let all = (predicting?.all ?? []).map(\.sha256) + [networks?.sha256, refinementWeights].compactMap { $0 }
    for hash in all where !hashes.contains(hash) { hashes.append(hash) }
    return hashes.joined(separator: "+")
  }
  public var mode: MethodOptions.Mode? { predicting == nil ? .paper : .best }

  /// A checkpoint in the options may hold generator and discriminator, a prediction network, or both. The shipped
  /// weights supply missing networks, except for the network of a mode that the options name.
  /// - Throws: `EstimationError.notFollowed`, `.noPrediction`, `.noNetworks`, `.noCheckpoint`, `CheckpointError`,
  ///   `SuperResolutionError` where the refinement's enlarger cannot be used.
  public init(_ options: MethodOptions) throws {
    guard options.crop == nil else {
      throw EstimationError.notFollowed(method: Self.name, options: ["--crop"])
    }
    let named = try options.checkpoint.map { try Checkpoint(path: $0, anyOf: [.networks, .prediction]) }
    let isPredicting = try Self.isPredicting(options.mode, named)
    settings = options.applied(to: isPredicting ? .refining : .paper)
    predicting =
      try isPredicting ? named.map(PredictionWeights.init(only:)) ?? .shipped(in: options.weightsFolder) : nil
    let isAdapting = !isPredicting || settings.steps > 0
    let own = named.flatMap { $0.holds(.networks) ? $0 : nil }
    networks = try isAdapting ? own ?? ShippedWeights.open(.networks, in: options.weightsFolder) : nil
    let resolver =
      try isPredicting ? options.refinement.map { try SuperResolver(weights: EnlargerChoice($0)) } : nil
    (refinement, refinementWeights) = (resolver.flatMap { KernelRefinement($0) }, resolver?.sha256)
  }

  /// Whether the mode is best. Without a named mode, the checkpoint's networks decide.
  private static func isPredicting(_ mode: MethodOptions.Mode?, _ named: Checkpoint?) throws -> Bool {
    guard let named else { return mode != .paper }
    switch mode {
    case .best:
      guard named.holds(.prediction) else { throw EstimationError.noPrediction(file: named.path) }
    case .paper:
      guard named.holds(.networks) else { throw EstimationError.noNetworks(file: named.path) }
    case nil: break
    }
    return named.holds(.prediction) && mode != .paper
  }

  public func checkpoint(scale: Int) -> Checkpoint? {
    predicting?.checkpoints(scale: scale, wasJPEG: false)[0] ?? networks
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    guard let predicting else {
      var found = try adapt(to: picture, from: nil, seed: seed, recording: recording, onStep: onStep)
      found.start = networks
      return try found.at(scale: scale)
    }
    let note = picture.rangeNote
    let picture = picture.expandedRange()
    try onStep(0)
    let used = predicting.checkpoints(scale: scale, wasJPEG: picture.jpegTrace != nil)
    let prediction = try predict(picture, used, scale: scale) { () throws(EstimationError) in try onStep(0) }
    var found =
      networks == nil
      ? try Estimate(predicted: prediction.kernel, settings, recording: recording)
      : try adapt(to: picture, from: prediction, seed: seed, recording: recording, onStep: onStep)
    (found.start, found.averagedWith) = (used[0], Array(used.dropFirst()))
    found.spread = prediction.spread.adding(picture.processingDoubt)
    found.networks = networks?.sha256 == used[0].sha256 ? nil : networks
    found.notes = [note].compactMap { $0 }
    return try refined(found, picture, scale: scale, isRecorded: recording.contains(steps)) {
      () throws(EstimationError) in try onStep(steps)
    }
  }

  private func predict(
    _ picture: Picture, _ checkpoints: [Checkpoint], scale: Int, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) -> Prediction {
    let predictor: KernelPredictor
    do { predictor = try KernelPredictor(checkpoints.compactMap(\.prediction), scale: scale) } catch {
      throw .numerics("\(error)")
    }
    return try predictor.predict(picture, check: check)
  }

  /// - Parameter prediction: adaptation starts from its kernel; nil for the kernel of the starting networks.
  private func adapt(
    to picture: Picture, from prediction: Prediction?, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    guard let start = networks?.networks else { throw EstimationError.noCheckpoint }
    return try Estimator(settings).estimate(
      picture, from: start, predicted: prediction?.kernel, seed: seed, recording: recording, onStep: onStep)
  }

  /// The estimate at `scale`, refined where the options ask for it.
  private func refined(
    _ found: Estimate, _ picture: Picture, scale: Int, isRecorded: Bool,
    check: () throws(EstimationError) -> Void
  ) throws -> Estimate {
    var estimate = try found.at(scale: scale)
    guard let refinement else { return estimate }
    try check()
    let outcome: KernelRefinement.Outcome?
    do {
      outcome = try refinement.refine(
        estimate.kernel, rival: found.rival(scale: scale), of: picture, scale: scale
      ) { () throws(SuperResolutionError) in
        do { try check() } catch { throw .cancelled }
      }
    } catch SuperResolutionError.cancelled { throw EstimationError.cancelled }
    if let outcome {
      (estimate.kernel, estimate.refinement) = (outcome.kernel, outcome)
      estimate.spread = estimate.spread?.adding(outcome.doubt)
      if isRecorded { estimate.recorded[steps] = outcome.kernel }
    }
    return estimate
  }
}

extension MethodOptions {
  /// The settings with the options that are set.
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
