public import Imaging
import Numerics

/// How the paper's benchmarks make low-resolution pictures ("Evaluation Setup"): the four degradations of its tables.
public enum BenchmarkRecipe: String, Sendable, CaseIterable {
  /// Scale 2, Gaussian kernels of the paper's distribution.
  case x2
  /// Scale 2, their values multiplied by 1 + U[-0.4, 0.4] before they are centred and normalised.
  case x2NoiseKernel = "x2-noise-kernel"
  /// Scale 2, Gaussian kernels, then white noise of a standard deviation drawn from U[0, 0.039].
  case x2NoiseImage = "x2-noise-image"
  /// Scale 4, by the analytic kernel of 21x21.
  case x4

  /// Whether it is the plain one of its scale, which can be varied.
  public var isClean: Bool { self == .x2 || self == .x4 }

  /// The published benchmark's name for it.
  /// - Precondition: `isClean` where there is a variation.
  public func folder(_ variation: BenchmarkVariation = .none) -> String {
    variation == .none ? folder : variation.folder(scale: scale)
  }

  private var folder: String {
    switch self {
    case .x2: "x2_clean"
    case .x2NoiseKernel: "x2_noise_ker"
    case .x2NoiseImage: "x2_noise_img"
    case .x4: "x4_clean"
    }
  }

  public var scale: Int { self == .x4 ? 4 : 2 }

  /// What happens to one picture.
  public struct Draw: Sendable, Equatable {
    public let kernel: BlurKernel
    public let noise: ImageNoise?
    public let camera: Camera?
    /// Chooses a camera's noise.
    let key: UInt64
    public let jpegQuality: Int?

    /// The low-resolution picture of `picture` (`BlurKernel.degrade`, or `Camera.photograph` where there is a camera).
    /// - Throws: what these throw; `PictureError` where a JPEG cannot be made.
    public func degrade(_ picture: Picture, scale: Int) throws -> Picture {
      let low =
        try camera?.photograph(picture, kernel: kernel, scale: scale, key: key)
        ?? kernel.degrade(picture, scale: scale, noise: noise)
      return try jpegQuality.map { try low.throughJPEG(quality: $0) } ?? low
    }
  }

  /// The draw for a picture: a function of seed and name alone, so that adding a picture changes no other. All four
  /// recipes draw the same Gaussian for a picture, so that their figures can be compared, as do both scales of another
  /// family.
  /// - Precondition: `isClean` where there is a variation.
  public func draw(
    seed: UInt64, name: String, variation: BenchmarkVariation = .none
  ) throws(DegradationError) -> Draw {
    let key = Self.key(seed: seed, name: name)
    var random = Philox(key: key)
    let kernel =
      self == .x2NoiseKernel
      ? KernelDistribution.nonGaussian.draw(using: &random) : variation.kernels.draw(using: &random)
    let noiseKey = Philox.key(key, .degradation)
    let varied = variation.noise?.image(key: noiseKey)
    let optics = self == .x4 ? try kernel.x4() : kernel
    return Draw(
      kernel: variation.camera?.kernel(optics: optics, scale: scale) ?? optics,
      noise: self == .x2NoiseImage ? noise(key) : varied, camera: variation.camera, key: noiseKey,
      jpegQuality: variation.jpegQuality)
  }

  private func noise(_ key: UInt64) -> ImageNoise {
    var random = Philox(key: key, stream: 1)
    return ImageNoise(deviation: random.uniform(in: 0..<0.039), key: Philox.key(key, .degradation))
  }

  /// Chained over the name's bytes, eight at a time, and their number.
  private static func key(seed: UInt64, name: String) -> UInt64 {
    let bytes = Array(name.utf8)
    let start = Philox.key(seed, .degradation, UInt64(bytes.count))
    return stride(from: 0, to: bytes.count, by: 8).reduce(start) { key, from in
      let word = bytes[from..<min(from + 8, bytes.count)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Philox.key(key, .degradation, word)
    }
  }
}
