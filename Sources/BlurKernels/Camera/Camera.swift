public import Numerics

/// The settings of a simulated camera, scanner or screen, which makes low-resolution pictures with the faults that real
/// ones have. `photograph` carries out the steps in the order of the properties below; each can be switched off.
public struct Camera: Sendable, Equatable {
  /// Where a low-resolution picture comes from.
  public enum Kind: String, Sendable, CaseIterable {
    /// A camera behind a lens: the optics' blur is in linear light.
    case photo
    /// A flatbed scanner over a printed page: one grey sensor, so that the noise is equal in the three channels.
    case scan
    /// A picture made smaller by a program: the mean of each square of pixels, without noise.
    case screenshot
  }

  /// How the two missing colours of each pixel of a Bayer mosaic (RGGB) are found.
  public enum Demosaicking: String, Sendable, CaseIterable {
    /// Every pixel of the sensor sees three colours.
    case none
    case bilinear
    /// Linear interpolation with the Laplacian of the colour that is there (Malvar, He and Cutler, ICASSP 2004).
    case malvar
  }

  public enum Denoising: String, Sendable, CaseIterable {
    case none, bilateral, wavelet
  }

  public var kind: Kind
  /// How much of the light a halftone screen takes and gives, 0 (continuous tone) to 1; its mean is kept.
  public var halftone: Double
  /// The sensor's gain as a film speed, 50 to 25600; 0 for a sensor without noise.
  public var iso: Double
  public var demosaicking: Demosaicking
  public var denoising: Denoising
  /// Multiplies the thresholds of denoising, 0.25 to 4.
  public var denoisingStrength: Double
  /// Contrast of the tone curve, 0 (sRGB's own curve) to 1. The scene is taken through the inverse curve first, so that
  /// the low-resolution picture keeps the brightness of the original.
  public var tone: Double
  /// Amount of unsharp masking of the luma, 0 to 3.
  public var sharpening: Double
  /// Standard deviation of unsharp masking's Gaussian, in the sensor's pixels, 0.3 to 5.
  public var sharpeningRadius: Double
  /// The side of the low-resolution picture in shares of the sensor's, 0.25 to 1.
  public var resizing: Double
  /// Bits of the stored samples, 8 to 16. More than 8 are written as 16-bit samples over the full range.
  public var bits: Int

  /// The settings of an ordinary picture of its kind.
  public init(_ kind: Kind) {
    self.kind = kind
    let isPhoto = kind == .photo
    halftone = kind == .scan ? 0.2 : 0
    iso = isPhoto ? 400 : kind == .scan ? 200 : 0
    demosaicking = isPhoto ? .malvar : .none
    denoising = isPhoto ? .bilateral : .none
    denoisingStrength = 1
    tone = isPhoto ? 0.3 : 0
    sharpening = kind == .screenshot ? 0 : 0.5
    sharpeningRadius = 1
    resizing = 1
    bits = 8
  }

  /// Whether the sensor sees brightness alone.
  public var isGrey: Bool { kind == .scan }

  /// The first setting that is out of its range, in words.
  public var fault: String? {
    let ranges: [(name: String, value: Double, range: ClosedRange<Double>)] = [
      ("halftone", halftone, 0...1), ("iso", iso == 0 ? 50 : iso, 50...25600),
      ("denoise-strength", denoisingStrength, 0.25...4), ("tone", tone, 0...1),
      ("sharpen", sharpening, 0...3), ("sharpen-radius", sharpeningRadius, 0.3...5),
      ("resize", resizing, 0.25...1), ("bits", Double(bits), 8...16),
    ]
    return ranges.first { !$0.range.contains($0.value) }.map {
      "\($0.name) must be from \(number($0.range.lowerBound)) to \(number($0.range.upperBound))"
    }
  }

  /// The part of a benchmark's name that these settings make: the kind, and what departs from its ordinary settings.
  public var name: String {
    let usual = Camera(kind)
    func part(_ text: String, _ property: KeyPath<Camera, Double>) -> String? {
      self[keyPath: property] == usual[keyPath: property] ? nil : text + number(self[keyPath: property])
    }
    let parts = [
      kind.rawValue, part("halftone", \.halftone), part("iso", \.iso),
      demosaicking == usual.demosaicking ? nil : "\(demosaicking)-mosaic",
      denoising == usual.denoising ? nil : "\(denoising)-denoising",
      part("strength", \.denoisingStrength), part("tone", \.tone), part("sharpen", \.sharpening),
      part("radius", \.sharpeningRadius), part("resize", \.resizing), bits == 8 ? nil : "\(bits)bit",
    ]
    return parts.compactMap(\.self).joined(separator: "_")
  }

  private func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}

extension Camera {
  /// Random settings of a photograph for training: speeds of 50 to 6400 evenly by their logarithm, two thirds Malvar's
  /// demosaicking, three quarters denoised, two thirds sharpened, half of them resized.
  public static func draw(using random: inout Philox) -> Camera {
    var camera = Camera(.photo)
    camera.iso = 50 * Elementary.exponential(random.uniform() * Elementary.logarithm(128))
    camera.demosaicking = random.uniform() < 2.0 / 3 ? .malvar : .bilinear
    camera.denoising =
      [.none, .bilateral, .wavelet, random.uniform() < 0.5 ? .bilateral : .wavelet][
        random.below(4)]
    camera.denoisingStrength = random.uniform(in: 0.5..<1.5)
    camera.tone = random.uniform()
    let sharpening = random.uniform(in: 0.2..<1.2)
    camera.sharpening = random.uniform() < 2.0 / 3 ? sharpening : 0
    camera.sharpeningRadius = random.uniform(in: 0.6..<1.6)
    let resizing = random.uniform(in: 0.5..<1)
    camera.resizing = random.uniform() < 0.5 ? resizing : 1
    return camera
  }
}
