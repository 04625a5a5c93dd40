public import BlurKernels

/// What another tool made of a benchmark's pictures: kernels, enlarged pictures, or both. Kernels are enlarged with like
/// those of any method; pictures are compared with the originals as they are.
public struct GivenResults: Sendable {
  /// As tables call the rows.
  public let name: String
  public let folder: String
  /// In the project's convention, with the side of the benchmark's kernels.
  public let kernels: [Place: BlurKernel]
  public let pictures: [Place: Bench.File]
  /// What was done to kernels, and which files were passed over, a sentence each.
  public let notes: [String]
  /// Files that cannot be used, and why.
  public let faults: [EvaluationError]

  /// A picture of a benchmark.
  public struct Place: Hashable, Sendable {
    /// Names.
    public let bench, picture: String

    public init(bench: String, picture: String) { (self.bench, self.picture) = (bench, picture) }
  }

  /// A `--results` argument: `NAME=DIR`.
  public struct Request: Sendable, Equatable {
    public let name, folder: String
    /// Whose rules the kernels follow.
    public let convention: KernelConvention

    public init(name: String, folder: String, convention: KernelConvention = .fkp) {
      (self.name, self.folder, self.convention) = (name, folder, convention)
    }
  }

  public init(
    name: String, folder: String, kernels: [Place: BlurKernel], pictures: [Place: Bench.File],
    notes: [String] = [], faults: [EvaluationError] = []
  ) {
    (self.name, self.folder, self.kernels, self.pictures) = (name, folder, kernels, pictures)
    (self.notes, self.faults) = (notes, faults)
  }
}
