public import SuperResolution

/// A comparison of methods on benchmarks: which measurements it wants, which of them the ledger lacks, and what they come
/// to. The measuring itself is in `EvaluationTask.run`, which may happen in any process.
public struct Evaluation: Sendable {
  /// Of the program, part of every measurement's key.
  public let version: String
  public let benches: [Bench]
  public let methods: [ComparedMethod]
  /// What other tools made of the pictures.
  public let results: [GivenResults]
  /// Seeds 0, 1, .. of everything random.
  public let runs: Int
  /// Nil where only kernels are compared.
  public let enlarging: Enlarging?
  /// Where crops for the page are kept, and pictures that methods made.
  public let crops: String

  /// What turns kernels into pictures.
  public struct Enlarging: Sendable {
    /// As tables call it.
    public let name: String
    /// As `EnlargerChoice` takes it: a file of weights, `closed-form`, or nil for the shipped enlarger.
    public let weights: String?
    public let sha256: String?
    /// As `super-resolve` guards its results, and with bicubic interpolation on the benchmark's grid; nil for neither.
    public let fidelity: Fidelity?
    /// The noise level given for a kernel's uncertainty (`SuperResolver.kernelNoise(_:scale:)`).
    public let kernelNoise: @Sendable (_ level: Double, _ scale: Int) -> Double

    public init(
      name: String, weights: String?, sha256: String?, fidelity: Fidelity? = nil,
      kernelNoise: @escaping @Sendable (_ level: Double, _ scale: Int) -> Double = { level, _ in level }
    ) {
      (self.name, self.weights, self.sha256) = (name, weights, sha256)
      (self.fidelity, self.kernelNoise) = (fidelity, kernelNoise)
    }
  }

  public init(
    version: String, benches: [Bench], methods: [ComparedMethod], results: [GivenResults] = [], runs: Int,
    enlarging: Enlarging?, crops: String
  ) {
    (self.version, self.benches, self.methods) = (version, benches, methods)
    (self.results, self.runs, self.enlarging, self.crops) = (results, runs, enlarging, crops)
  }

  /// What a row is called whose pictures a method, or another tool, made itself.
  static func ownPictureLabel(_ row: String) -> String { "\(row), own picture" }
}
