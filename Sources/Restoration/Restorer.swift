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
      let seen = method.looksInStrips ? picture : picture.middle(atMost: Picture.maximumPixels)
      let estimate = try method.estimate(seen, scale: scale, seed: seed, recording: [], onStep: onStep)
      return FoundKernel(
        FoundKernel.Estimation(
          estimate: estimate, method: type(of: method).name, mode: method.mode?.rawValue,
          steps: method.steps, seed: seed, seconds: (ContinuousClock.now - begin) / .seconds(1)),
        scale: scale, notes: seen.size == picture.size ? [] : [seen.middleNote])
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
}

extension Picture {
  /// The middle of a picture that counts as more pixels than `limit`, as large as is allowed; others come back as they are.
  fileprivate func middle(atMost limit: Int) -> Picture {
    guard size.workedPixels > limit else { return self }
    // A side that is short leaves more to the other.
    let least = PictureSize.leastEstimatedSide
    let square = Int(Double(limit).squareRoot())
    let rows = min(height, max(square, limit / max(width, least)))
    let columns = min(width, limit / max(rows, least))
    let (top, left) = ((height - rows) / 2, (width - columns) / 2)
    return part(rows: top..<top + rows, columns: left..<left + columns)
  }

  fileprivate var middleNote: String {
    "the kernel was found in the \(width)x\(height) pixels in the picture's middle"
  }
}
