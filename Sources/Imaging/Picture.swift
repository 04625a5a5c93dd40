/// A picture in memory: rows of interleaved RGB samples exactly as the file stores them. No gamma, colour
/// profile or orientation is ever applied, because a blur kernel is estimated on what the camera stored.
public struct Picture: Sendable {
  /// Samples at the file's own depth, so that an ordinary picture costs three bytes a pixel.
  public enum Samples: Sendable, Equatable {
    case bits8([UInt8])
    case bits16([UInt16])

    var count: Int {
      switch self {
      case .bits8(let samples): samples.count
      case .bits16(let samples): samples.count
      }
    }

    /// Whether a sample has 16 bits.
    public var isDeep: Bool { if case .bits16 = self { true } else { false } }
  }

  public let width: Int
  public let height: Int
  /// (height, width, 3), red, green, blue; a grey picture holds its grey three times. Transparent places are laid on
  /// white: what files hold where nothing of it shows is no part of the picture.
  public let samples: Samples
  /// The alpha and the colours as stored, where some place is not opaque.
  public let transparency: Transparency?
  /// Whether the file held grey only.
  public let isGrey: Bool
  /// The EXIF orientation, 1...8, or nil where the file has none that can be read; never applied.
  public let orientation: Int?
  /// What else the file says, kept to be written again, never applied.
  public let metadata: PictureMetadata
  /// What was left out or passed over in decoding, one sentence each, to be told to the user.
  public let notes: [String]

  /// The embedded ICC profile.
  public var iccProfile: [UInt8]? { metadata.iccProfile }
  public var size: PictureSize { PictureSize(width: width, height: height) }

  /// - Parameters:
  ///   - samples: (height, width, 3) values, at least one pixel, on white where the picture is transparent.
  ///   - iccProfile: overrides that of `metadata`.
  public init(
    width: Int, height: Int, samples: Samples, isGrey: Bool = false, orientation: Int? = nil,
    iccProfile: [UInt8]? = nil, transparency: Transparency? = nil,
    metadata: PictureMetadata = PictureMetadata(), notes: [String] = []
  ) {
    precondition(
      width > 0 && height > 0 && samples.count == 3 * width * height,
      "a \(width)x\(height) picture cannot hold \(samples.count) samples; it needs three a pixel")
    precondition(
      transparency.map { 3 * $0.alpha.count == samples.count && $0.alpha.isDeep == samples.isDeep } ?? true,
      "alpha has one value a pixel, of the samples' depth")
    self.width = width
    self.height = height
    self.samples = samples
    self.isGrey = isGrey
    self.orientation = orientation
    self.transparency = transparency
    var metadata = metadata
    if let iccProfile { metadata.iccProfile = iccProfile }
    self.metadata = metadata
    self.notes = notes
  }

  /// Other samples that stand for the same picture, such as a part of it or the enlarged whole: grey where `model` is,
  /// with its orientation, metadata and notes.
  public init(
    like model: Picture, width: Int, height: Int, samples: Samples, transparency: Transparency? = nil
  ) {
    self.init(
      width: width, height: height, samples: samples, isGrey: model.isGrey, orientation: model.orientation,
      transparency: transparency, metadata: model.metadata, notes: model.notes)
  }

  /// A picture from 8-bit RGB samples, (height, width, 3).
  public init(width: Int, height: Int, rgb: [UInt8]) {
    self.init(width: width, height: height, samples: .bits8(rgb))
  }

  /// The sample value that stands for 1: 255 or 65535.
  public var maximum: Int {
    switch samples {
    case .bits8: Int(UInt8.max)
    case .bits16: Int(UInt16.max)
    }
  }

  /// One sample in [0, 1], stored / maximum; channel 0 is red, 1 green, 2 blue.
  public subscript(row: Int, column: Int, channel: Int) -> Double {
    let index = (row * width + column) * 3 + channel
    return switch samples {
    case .bits8(let samples): Double(samples[index]) / Double(UInt8.max)
    case .bits16(let samples): Double(samples[index]) / Double(UInt16.max)
    }
  }

  /// The samples in 8 bits, (height, width, 3); those of 16 bits rounded.
  public var rgb8: [UInt8] {
    switch samples {
    case .bits8(let samples): samples
    // 65535 / 255 = 257; at most 65535 + 128 before the division, so 255 after it.
    case .bits16(let samples): samples.map { UInt8((Int($0) + 128) / 257) }
    }
  }
}
