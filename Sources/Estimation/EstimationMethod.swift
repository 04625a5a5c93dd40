public import Checkpoints
public import Imaging

/// A method that finds the blur kernel of a picture. Every command that estimates calls methods through this
/// protocol. A new method is a file in `Methods/` and an entry in `EstimationMethods.all`.
public protocol EstimationMethod: Sendable {
  /// The name that `--method` takes and tables show, in lower case.
  static var name: String { get }
  /// A few words for `--help`.
  static var summary: String { get }

  /// Whether an estimate starts from weights: shipped ones or those of `MethodOptions.checkpoint`.
  static var startsFromWeights: Bool { get }

  /// - Throws: `EstimationError` where the method cannot follow the options, `CheckpointError` where the checkpoint does
  ///   not fit.
  init(_ options: MethodOptions) throws

  /// Adaptation steps, or iterations, of one estimate.
  var steps: Int { get }
  /// The weights that an estimate at scale 2 starts from; nil for a method that starts from nothing.
  var checkpoint: Checkpoint? { get }

  /// The weights that an estimate at a scale starts from.
  func checkpoint(scale: Int) -> Checkpoint?
  /// SHA-256 of every file that an estimate may use, joined by +; nil for a method that starts from nothing.
  var identity: String? { get }
  /// How an estimate starts; nil for a method with one way.
  var mode: MethodOptions.Mode? { get }

  /// The kernel of one picture: a cross-correlation kernel, 11x11 at scale 2, 21x21 at scale 4. It may be called from any
  /// number of threads at once; the result depends on the arguments alone.
  ///
  /// - Parameters:
  ///   - picture: the low-resolution picture.
  ///   - scale: 2 or 4.
  ///   - seed: of all draws.
  ///   - recording: numbers of steps, from 0 to `steps`, whose kernels are wanted as well.
  ///   - onStep: called with the number of steps done: after each step, and many times a second where the picture is
  ///     looked at before the first step and after the last. Throws `.cancelled` to stop. A step itself goes on to its end.
  /// - Throws: `EstimationError` where no kernel is found, and what `onStep` throws.
  func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate
}

extension EstimationMethod {
  public var mode: MethodOptions.Mode? { nil }
  public var identity: String? { checkpoint?.sha256 }
  public func checkpoint(scale: Int) -> Checkpoint? { checkpoint }
}

/// The options of a method; nil stands for the method's own value. A method refuses options that it cannot follow.
public struct MethodOptions: Sendable, Hashable, Codable {
  /// The path of the weights to start from, safetensors.
  public var checkpoint: String?
  /// The folder of the shipped weights, for a program that they do not lie beside.
  public var weightsFolder: String?
  public var mode: Mode?
  /// Steps, or iterations, of one estimate; at least 0.
  public var steps: Int?
  /// This and the next five are as in `EstimationSettings`.
  public var generatorRate: Double?
  public var discriminatorRate: Double?
  public var patches: Int?
  public var border: EstimationSettings.Border?
  public var averagedSteps: Int?
  public var normalised: Bool?
  /// The side of the central part that is worked on, in pixels of the large picture.
  public var crop: Int?
  /// The enlarger that predicted kernels are refined with, as `EnlargerChoice.init(_:)` takes it; nil for no
  /// refinement. Other kernels are not refined.
  public var refinement: String?

  /// How an estimate starts. Without a choice, the checkpoint's networks decide.
  public enum Mode: String, Sendable, CaseIterable, Codable {
    /// The kernel is predicted from the picture's spectrum; adaptation steps, where asked for, start there.
    case best
    /// The published procedure, exactly.
    case paper
  }

  /// Leaves every option to the method.
  public init() {}

  /// The options that are set, by their names on the command line.
  var named: [String] {
    let all: [(String, Any?)] = [
      ("--checkpoint", checkpoint), ("--mode", mode), ("--steps", steps),
      ("--generator-rate", generatorRate),
      ("--discriminator-rate", discriminatorRate), ("--patches", patches), ("--border", border),
      ("--average", averagedSteps), ("--normalise", normalised),
      ("--crop", crop),
    ]
    return all.filter { $0.1 != nil }.map(\.0)
  }

  /// - Parameters:
  ///   - followed: the options that a method follows, by their names on the command line.
  ///   - method: the method's name.
  /// - Throws: `EstimationError.notFollowed` where another option is set.
  func refuse(allBut followed: [String], for method: String) throws(EstimationError) {
    let others = named.filter { !followed.contains($0) }
    guard others.isEmpty else { throw .notFollowed(method: method, options: others) }
  }
}

/// The list of all methods.
public enum EstimationMethods {
  public static let all: [any EstimationMethod.Type] = [
    MetaKernelGANMethod.self, KernelGANMethod.self, PolyblurMethod.self, KernelGANFKPMethod.self,
    DIPFKPMethod.self, DoubleDIPMethod.self, DIPSoftmaxMethod.self, BSRDMMethod.self, DKPMethod.self,
  ]

  /// The method of that name, in lower case.
  public static func named(_ name: String) -> (any EstimationMethod.Type)? { all.first { $0.name == name } }
}
