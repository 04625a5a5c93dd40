import BlurKernels
public import Estimation
import Foundation
public import Imaging
public import SuperResolution

/// Restores pictures: finds a picture's blur kernel, decides how much noise it has, and enlarges it. The commands, the
/// folder daemon, ZeroMQ requests and HTTP all go through it, so that they give the same kernels and pictures.
///
///     let restored = try Restorer().restore(Picture.read("photo.jpg"), scale: 2)
///
/// May be used from several threads at once; what it gives depends on the arguments alone.
public struct Restorer: Sendable {
  /// Where kernels come from.
  public enum Kernels: Sendable {
    case estimated(any EstimationMethod)
    case given(GivenKernel)
  }

  /// What a restorer is made from. Everything has a default: the shipped weights, the method's own way.
  public struct Options: Sendable {
    /// The estimation method's name.
    public var method = MetaKernelGANMethod.name
    public var estimation = MethodOptions()
    /// Used in place of an estimate.
    public var kernel: GivenKernel?
    /// What enlarges, as `EnlargerChoice.init(_:)` takes it: a file of weights, `closed-form`, or nil for the shipped enlarger.
    public var enlargerWeights: String?
    /// Whether estimated kernels are refined with the enlarger's network, where it has one: with named weights always,
    /// with the shipped ones where a picture is enlarged with a predicted kernel.
    public var refinesKernels = true
    /// Without, kernels are found and nothing is enlarged; the enlarger's weights are not loaded but for refinement.
    public var enlarges = true

    public init() {}
  }

  public let kernels: Kernels
  /// Nil where nothing is enlarged.
  public let enlarger: SuperResolver?

  public init(kernels: Kernels, enlarger: SuperResolver?) {
    (self.kernels, self.enlarger) = (kernels, enlarger)
  }

  /// Loads what the options name; nothing that they do not need.
  /// - Throws: `EstimationError`, `CheckpointError`, `SuperResolutionError` or `RestorationError`, what cannot be used and why.
  public init(_ options: Options = Options()) throws {
    let enlarger =
      try options.enlarges ? SuperResolver(weights: EnlargerChoice(options.enlargerWeights)) : nil
    if let kernel = options.kernel {
      self.init(kernels: .given(kernel), enlarger: enlarger)
      return
    }
    guard let type = EstimationMethods.named(options.method) else {
      throw RestorationError.unknownMethod(options.method)
    }
    var estimation = options.estimation
    if options.refinesKernels {
      estimation.refinement = Self.refinement(
        options.enlargerWeights, estimation, enlarges: options.enlarges)
    }
    self.init(kernels: .estimated(try type.init(estimation)), enlarger: enlarger)
  }

  /// What kernels are refined with, for `MethodOptions.refinement`: weights that are named; the shipped enlarger's, which
  /// take a second, for predicted kernels that a picture is enlarged with.
  package static func refinement(_ weights: String?, _ estimation: MethodOptions, enlarges: Bool) -> String? {
    switch EnlargerChoice(weights) {
    case .closedForm: nil
    case .file(let path): path
    case .shipped:
      weights != nil || enlarges && (estimation.steps ?? 0) == 0 ? EnlargerChoice.shippedName : nil
    }
  }

  /// Nil where kernels are given.
  public var method: (any EstimationMethod)? {
    switch kernels {
    case .estimated(let method): method
    case .given: nil
    }
  }
}

extension Restorer {
  /// The kernel that `restore` enlarges the picture with.
  ///
  /// - Parameters:
  ///   - scale: 2 or 4; any for a kernel that is given.
  ///   - seed: of everything random.
  ///   - onStep: called with the number of adaptation steps done: after each, and many times a second in between. Throws
  ///     `.cancelled` to stop.
  /// - Throws: `EstimationError` where no kernel comes of it; `RestorationError.kernelScale`.
  public func kernel(
    of picture: Picture, scale: Int, seed: UInt64 = 0,
    onStep: (Int) throws(EstimationError) -> Void = { _ in }
  ) throws -> FoundKernel {
    switch kernels {
    case .given(let given): return FoundKernel(given: given.kernel, scale: scale, notes: given.notes)
    case .estimated(let method):
      guard scale == 2 || scale == 4 else { throw RestorationError.kernelScale(scale) }
      let begin = ContinuousClock.now
      let estimate = try method.estimate(picture, scale: scale, seed: seed, recording: [], onStep: onStep)
      return FoundKernel(
        FoundKernel.Estimation(
          estimate: estimate, method: type(of: method).name, mode: method.mode?.rawValue,
          steps: method.steps, seed: seed, seconds: (ContinuousClock.now - begin) / .seconds(1)),
        scale: scale)
    }
  }

  /// How one picture is restored.
  public struct Request: Sendable {
    /// 2 or 4; 3 as well with a kernel that is given.
    public var scale: Int
    public var noise = NoiseChoice.estimated
    public var grid = ResultGrid.photograph
    public var seed: UInt64 = 0
    /// What transparent pictures are laid on. Nil keeps them transparent: alpha is enlarged beside the colours, which are
    /// laid on white while they are enlarged.
    public var background: BackgroundColour?
    /// How far the result may depart from a plain enlargement where the picture's own noise speaks against it.
    public var fidelity = Fidelity.normal
    /// Tiles of the picture that are enlarged at a time; the result does not depend on it.
    public var threads = 1

    public init(scale: Int) { self.scale = scale }
  }

  /// How far a picture's restoration is.
  public enum Progress: Sendable {
    /// Adaptation steps done.
    case estimating(steps: Int)
    /// Parts done of `of`.
    case enlarging(done: Int, of: Int)
  }

  /// Finds the picture's kernel and enlarges the picture with it.
  ///
  /// - Parameter onProgress: called after each step and part, and many times a second in between with what it was called
  ///   with last. Throws `.cancelled` to stop.
  /// - Throws: as `kernel(of:scale:seed:onStep:)`; `SuperResolutionError` where the picture or the kernel cannot be used.
  public func restore(
    _ picture: Picture, _ request: Request,
    onProgress: (Progress) throws(EstimationError) -> Void = { _ in }
  ) throws -> RestoredPicture {
    guard let enlarger else { throw RestorationError.noEnlarger }
    let begin = ContinuousClock.now
    try onProgress(.estimating(steps: 0))
    var picture = picture
    if let background = request.background { picture = picture.flattened(on: background) }
    let found = try kernel(
      of: picture, scale: request.scale, seed: request.seed
    ) { done throws(EstimationError) in try onProgress(.estimating(steps: done)) }
    try onProgress(.enlarging(done: 0, of: 1))
    func check() throws(EstimationError) { try onProgress(.enlarging(done: 1, of: 1)) }
    let plan = try EnlargingPlan(
      of: picture, kernel: found.kernel, standing: found.standing, scale: request.scale,
      fidelity: request.fidelity
    ) { try onProgress(.enlarging(done: 0, of: 1)) }
    let level = NoiseRule.level(
      request.noise, measured: plan.level,
      kernelNoise: enlarger.kernelNoise(found.equivalentNoise, scale: request.scale))
    let kernel = request.grid.kernel(found.kernel, scale: request.scale)
    let enlarged = try enlarge(picture, kernel: kernel, request, noise: level, onProgress: onProgress)
    let guarded = try GuardedPicture(
      enlarged, of: picture, kernel: kernel, scale: request.scale, plan: plan, check: check)
    let whole = try guarded.picture
      .withAlpha(of: picture, scale: request.scale, grid: request.grid, check: check).upright(check: check)
    return RestoredPicture(
      picture: whole,
      trust: guarded.trust, trustNote: guarded.note, kernel: found,
      noise: level, isNoiseEstimated: request.noise == .estimated, scale: request.scale,
      enlarger: enlarger.name(scale: request.scale), weights: enlarger.weights(scale: request.scale),
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  /// - Parameter kernel: as the request's grid has it.
  private func enlarge(
    _ picture: Picture, kernel: BlurKernel, _ request: Request, noise: Double,
    onProgress: (Progress) throws(EstimationError) -> Void
  ) throws -> Picture {
    guard let enlarger else { throw RestorationError.noEnlarger }
    var stop: EstimationError?
    var reached = Progress.enlarging(done: 0, of: 1)
    func report() {
      if stop != nil { return }
      do throws(EstimationError) { try onProgress(reached) } catch { stop = error }
    }
    let result = Result { () throws(SuperResolutionError) -> Picture in
      try enlarger.enlarge(
        picture, kernel: kernel, scale: request.scale, noise: noise, border: request.grid.border,
        threads: request.threads,
        onIteration: { done, all in
          reached = .enlarging(done: done, of: all)
          report()
        },
        isCancelled: {
          report()
          return stop != nil
        })
    }
    // What stopped the enlarging is told, rather than that it was stopped.
    if let stop { throw stop }
    return try result.get()
  }

  /// As `restore(_:_:)`, with noise estimated, on a photograph's grid.
  public func restore(_ picture: Picture, scale: Int) throws -> RestoredPicture {
    try restore(picture, Request(scale: scale))
  }
}

/// A picture that was restored, and what it was restored with.
public struct RestoredPicture: Sendable {
  /// Enlarged and upright, of the depth that the picture had, with its metadata and its alpha.
  public let picture: Picture
  /// The enlarger's mean share in the picture, 0 to 1; the rest is plain enlargement.
  public let trust: Double
  /// Why that is below 1: one sentence, or nil.
  public let trustNote: String?
  /// What it was enlarged with.
  public let kernel: FoundKernel
  /// The noise level that it was enlarged with, a standard deviation in 8-bit levels.
  public let noise: Double
  public let isNoiseEstimated: Bool
  public let scale: Int
  /// The enlarger's name, as `SuperResolver.name(scale:)`.
  public let enlarger: String
  /// The file of its weights; nil for the closed form.
  public let weights: SuperResolver.WeightsFile?
  public let seconds: Double
}

extension RestoredPicture {
  /// Everything that the user should know about it, one sentence each.
  package func notes(of picture: Picture) -> [String] {
    picture.notes + kernel.notes + (trustNote.map { [$0] } ?? [])
  }
}
