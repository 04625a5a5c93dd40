public import BlurKernels

/// A benchmark folder that was looked through: low-resolution pictures with their true kernels and, where images are
/// compared, with the pictures that they were made from.
public struct Bench: Sendable {
  /// The folder's own name, such as `x2_clean`, after that of the folder above where several are called so.
  public let name: String
  public let folder: String
  /// 2 or 4.
  public let scale: Int
  /// By name.
  public let pairs: [Pair]
  /// What is left out, and why.
  public let faults: [EvaluationError]
  /// What its folders hold besides, a sentence a folder.
  public let notes: [String]

  public struct Pair: Sendable {
    /// The files' common name without its ending.
    public let name: String
    public let lowResolution: File
    public let highResolution: File?
    public let kernel: BlurKernel
    /// Of the image, in 8-bit levels, as the enlarging is told.
    public let noise: Double
    /// The share of an estimated kernel's variances that is undone (`EnlargingNoise.kernelShare`).
    public let kernelShare: Double
    /// Whether the enlarging is told of more noise where the kernel is uncertain.
    public let allowsForKernel: Bool
    /// Of the low-resolution picture: what an estimate costs grows with it.
    public let pixels: Int
  }

  /// A file and its content's SHA-256.
  public struct File: Sendable {
    public let path, sha256: String

    public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }
  }

  public init(
    name: String, folder: String, scale: Int, pairs: [Pair], faults: [EvaluationError], notes: [String] = []
  ) {
    (self.name, self.folder, self.scale, self.pairs, self.faults) = (name, folder, scale, pairs, faults)
    self.notes = notes
  }
}
