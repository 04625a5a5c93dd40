public import BlurKernels
public import Imaging

/// A benchmark folder that was looked through: low-resolution pictures with their true kernels and, where images are
/// compared, with the pictures that they were made from.
public struct Bench: Sendable {
  /// The folder's own name, such as `x2_clean`, after that of the folder above where several are called so.
  public let name: String
  public let folder: String
  /// 2 or 4.
  public let scale: Int
  /// What the enlarging is told of noise, each giving rows of its own; empty where kernels alone are compared.
  public let noises: [NoiseLevel]
  /// The largest side, in pixels of the original, of the central part that is used; nil where whole pictures are used.
  public let crop: Int?
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
    /// The image's noise in 8-bit levels, as the enlarging is told, by each of the benchmark's settings.
    public let levels: [NoiseLevel: Double]
    /// The low-resolution picture's.
    public let size: PictureSize
    public let originalSize: PictureSize?
    /// The part of the low-resolution picture that everything is measured on, together with the same part of the original;
    /// nil for all of it.
    public let region: PicturePart?

    /// What an estimate costs grows with it.
    public var pixels: Int { (region?.size ?? size).pixels }
  }

  /// A file and its content's SHA-256.
  public struct File: Sendable {
    public let path, sha256: String

    public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }
  }

  public init(
    name: String, folder: String, scale: Int, noises: [NoiseLevel], pairs: [Pair],
    faults: [EvaluationError], notes: [String] = [], crop: Int? = nil
  ) {
    (self.name, self.folder, self.scale, self.pairs, self.faults) = (name, folder, scale, pairs, faults)
    (self.noises, self.notes, self.crop) = (noises, notes, crop)
  }

  /// Each setting of the noise, or nil once where nothing is enlarged.
  var settings: [NoiseLevel?] { noises.isEmpty ? [nil] : noises }

  /// What a row is called whose pictures are enlarged at a setting; several settings are told apart.
  func label(_ row: String, _ noise: NoiseLevel?) -> String {
    guard let noise, noises.count > 1 else { return row }
    return "\(row), noise \(noise.word(name))"
  }

  /// What the row of the true kernel at a setting is called; it always says the setting.
  func trueKernelLabel(_ noise: NoiseLevel) -> String { "\(Row.trueKernel), noise \(noise.word(name))" }
}
