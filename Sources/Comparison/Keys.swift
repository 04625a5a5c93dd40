import Checkpoints
public import Estimation
import Foundation
public import Imaging
import Platform
public import SuperResolution

/// All that an estimated kernel depends on. Equal keys mean equal kernels, so that a measurement made once is never made
/// again, and one made with other settings is never taken for it.
public struct KernelKey: Encodable, Sendable, Hashable {
  /// Of the program: its defaults may change between versions.
  public let version: String
  /// SHA-256 of the low-resolution file.
  public let picture: String
  public let scale: Int
  /// The part of the picture that the method sees; nil, which adds nothing to the key, for all of it.
  public let region: PicturePart?
  public let method: String
  /// SHA-256 of the weights.
  public let checkpoint: String?
  /// What is set about the method but paths of weights and its number of steps.
  public let settings: MethodOptions
  public let seed: UInt64
  public let steps: Int

  public init(
    version: String, picture: Bench.File, region: PicturePart? = nil, scale: Int, method: ComparedMethod,
    seed: UInt64, steps: Int
  ) {
    (self.version, self.picture, self.scale) = (version, picture.sha256, scale)
    self.region = region
    (self.method, checkpoint) = (method.name, method.checkpoint)
    var settings = method.options
    (settings.checkpoint, settings.steps, settings.refinement) = (nil, nil, nil)
    self.settings = settings
    (self.seed, self.steps) = (seed, steps)
  }

  public var hash: String { hashed(self) }
}

/// All that an enlarged picture and its comparison depend on. The kernel stands for itself: whatever found it, the same
/// kernel gives the same picture.
public struct ImageKey: Encodable, Sendable {
  public let version: String
  /// SHA-256 of the low-resolution file, and of the original.
  public let picture, original: String
  public let scale: Int
  /// The part of the low-resolution picture that is enlarged; nil, which adds nothing to the key, for all of it.
  public let region: PicturePart?
  /// Nil for bicubic interpolation, which knows none of what follows.
  public let enlarging: Enlarging?
  /// Nil, which adds nothing to the key, for results as they are.
  public let fidelity: Fidelity?

  public struct Enlarging: Encodable, Sendable {
    /// SHA-256 of the network's weights (of the shipped enlarger both, joined by `+`); nil for the closed form.
    public let weights: String?
    public let told: Told

    public init(weights: String?, told: Told) { (self.weights, self.told) = (weights, told) }
  }

  public init(
    version: String, picture: String, original: String, region: PicturePart? = nil, scale: Int,
    enlarging: Enlarging?, fidelity: Fidelity? = nil
  ) {
    (self.version, self.picture, self.original) = (version, picture, original)
    (self.region, self.scale, self.enlarging, self.fidelity) = (region, scale, enlarging, fidelity)
  }

  public var hash: String { hashed(self) }
}

/// All that the comparison of a ready picture with the original depends on.
struct OwnPictureKey: Encodable {
  let version: String
  /// SHA-256 of the picture's file, or the key of the kernel that a method made it with.
  let source: String
  /// SHA-256.
  let original: String
  /// The part of the low-resolution picture whose place is compared; nil for all of it.
  let region: PicturePart?

  var hash: String { hashed(self) }
}

/// SHA-256 of the JSON with sorted names. Only numbers that are not finite cannot be encoded, and no key holds any; only
/// a broken OpenSSL cannot hash. Such a key equals nothing, so that its measurement is made each time.
private func hashed(_ key: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  guard let data = try? encoder.encode(key), let hash = try? SHA256.hex(of: data) else {
    return UUID().uuidString
  }
  return hash
}
