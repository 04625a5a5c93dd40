public import Checkpoints
public import Imaging

/// One way to find the blur kernel of a picture. Every command that estimates goes through it, so that a method added
/// here is estimated with, evaluated and compared like the others: one file in `Methods/`, one entry in `all`.
public protocol EstimationMethod: Sendable {
  /// As `--method` takes it and tables show it; in lower case.
  static var name: String { get }
  /// For `--help`, in a few words.
  static var summary: String { get }

  /// Whether an estimate starts from weights, its own or those of `MethodOptions.checkpoint`.
  static var startsFromWeights: Bool { get }

  /// - Throws: what is wrong with the options or the checkpoint, in one sentence.
  init(_ options: MethodOptions) throws

  /// Adaptation steps, or iterations, of one estimate.
  var steps: Int { get }
  /// What an estimate starts from; nil for a method that starts from nothing.
  var checkpoint: Checkpoint? { get }

  /// The one of these that is used at a scale.
  func checkpoint(scale: Int) -> Checkpoint?
  /// SHA-256 of every file that an estimate may use, joined by +; nil for a method that starts from nothing.
  var identity: String? { get }
  /// How it starts, for a method that knows several ways.
  var mode: MethodOptions.Mode? { get }

  /// The kernel of one picture: a cross-correlation kernel, 11x11 at scale 2, 21x21 at scale 4. Called from any number
  /// of threads; what it gives depends on the arguments alone.
  ///
  /// - Parameters:
  ///   - seed: of everything random.
  ///   - recording: numbers of steps, from 0 to `steps`, whose kernels are wanted as well.
  ///   - onStep: called with the number of steps done: after each step, and many times a second where the picture is
  ///     looked at before the first step and after the last. Throws `.cancelled` to stop. A step itself goes on to its end.
  /// - Throws: `EstimationError` where no kernel comes of it.
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

/// What a caller may choose about a method; nil leaves the method its own value. A method refuses what it cannot follow.
public struct MethodOptions: Sendable, Hashable, Codable {
  /// Weights to start from, safetensors.
  public var checkpoint: String?
  /// The folder of the shipped weights, for a program that they do not lie beside.
  public var weightsFolder: String?
  public var mode: Mode?
  public var steps: Int?
  public var generatorRate: Double?
  public var discriminatorRate: Double?
  public var patches: Int?
  public var border: EstimationSettings.Border?
  public var averagedSteps: Int?
  public var normalised: Bool?
  /// The side of the central part that is worked on, in pixels of the large picture.
  public var crop: Int?
  /// What predicted kernels are refined with, as `EnlargerChoice.init(_:)` takes it; nil for nothing. Other kernels stay
  /// as they are.
  public var refinement: String?

  /// How an estimate starts; without a choice, as the checkpoint allows.
  public enum Mode: String, Sendable, CaseIterable, Codable {
    /// The kernel is predicted from the picture's spectrum; adaptation steps, where asked for, start there.
    case best
    /// The published procedure, exactly.
    case paper
  }

  public init() {}

  /// What is set, by its name on the command line.
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
}

/// The methods that there are.
public enum EstimationMethods {
  public static let all: [any EstimationMethod.Type] = [
    MetaKernelGANMethod.self, KernelGANMethod.self, PolyblurMethod.self, KernelGANFKPMethod.self,
    DIPFKPMethod.self, DoubleDIPMethod.self, DIPSoftmaxMethod.self, BSRDMMethod.self, DKPMethod.self,
  ]

  public static func named(_ name: String) -> (any EstimationMethod.Type)? { all.first { $0.name == name } }
}
