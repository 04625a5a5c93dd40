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
  }

  public let width: Int
  public let height: Int
  /// (height, width, 3), red, green, blue; a grey picture holds its grey three times.
  public let samples: Samples
  /// Whether the file held grey only.
  public let isGrey: Bool
  /// The EXIF orientation, 1...8, or nil where the file has none that can be read; never applied.
  public let orientation: Int?
  /// The embedded ICC profile, kept to be written again, never applied.
  public let iccProfile: [UInt8]?
  /// What was left out in decoding, one sentence each, to be told to the user.
  public let notes: [String]

  /// - Parameter samples: (height, width, 3) values, at least one pixel.
  public init(
    width: Int, height: Int, samples: Samples, isGrey: Bool = false, orientation: Int? = nil,
    iccProfile: [UInt8]? = nil, notes: [String] = []
  ) {
    precondition(
      width > 0 && height > 0 && samples.count == 3 * width * height,
      "a \(width)x\(height) picture cannot hold \(samples.count) samples; it needs three a pixel")
    self.width = width
    self.height = height
    self.samples = samples
    self.isGrey = isGrey
    self.orientation = orientation
    self.iccProfile = iccProfile
    self.notes = notes
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
