/// What a file says about a picture besides its samples. Nothing of it is ever applied to the samples; it is kept so that
/// a result can carry it, as far as the result's format can hold it.
public struct PictureMetadata: Sendable, Equatable {
  /// The embedded ICC profile.
  public var iccProfile: [UInt8]?
  /// EXIF data: a TIFF structure, without the "Exif" preamble of JPEG segments.
  public var exif: [UInt8]?
  /// PNG's gAMA: the exponent of the samples, times 100,000.
  public var gamma: UInt32?
  /// PNG's cHRM.
  public var chromaticities: Chromaticities?
  /// PNG's sRGB: the rendering intent, 0...3.
  public var renderingIntent: UInt8?
  /// Coding-independent code points (ITU-T H.273), as PNG's cICP and HEIF have them.
  public var codePoints: CodePoints?
  /// How large the picture is to be shown.
  public var density: PixelDensity?

  /// White point and primaries as CIE x and y, times 100,000.
  public struct Chromaticities: Sendable, Equatable {
    public var white, red, green, blue: Point

    public struct Point: Sendable, Equatable {
      public var x, y: UInt32

      public init(x: UInt32, y: UInt32) { (self.x, self.y) = (x, y) }
    }

    public init(white: Point, red: Point, green: Point, blue: Point) {
      (self.white, self.red, self.green, self.blue) = (white, red, green, blue)
    }
  }

  public struct CodePoints: Sendable, Equatable {
    public var primaries, transfer, matrix: UInt8
    public var isFullRange: Bool

    public init(primaries: UInt8, transfer: UInt8, matrix: UInt8, isFullRange: Bool) {
      (self.primaries, self.transfer) = (primaries, transfer)
      (self.matrix, self.isFullRange) = (matrix, isFullRange)
    }
  }

  public init(iccProfile: [UInt8]? = nil, exif: [UInt8]? = nil) {
    (self.iccProfile, self.exif) = (iccProfile, exif)
  }

  /// The same for a picture whose pixels have been turned upright: EXIF data then says orientation 1.
  var withOrientationReset: PictureMetadata {
    var copy = self
    copy.exif = exif.map { EXIF.withOrientationReset(tiff: $0) }
    return copy
  }
}

/// Pixels a unit of length, or, where the file names no unit, the shape of a pixel.
public struct PixelDensity: Sendable, Equatable {
  public var x, y: UInt32
  public var unit: Unit

  public enum Unit: Sendable { case aspect, metre, inch, centimetre }

  public init(x: UInt32, y: UInt32, unit: Unit) { (self.x, self.y, self.unit) = (x, y, unit) }

  /// In pixels a metre, as PNG has it; an inch is 0.0254 m.
  var perMetre: (x: UInt32, y: UInt32)? {
    func scaled(_ factor: Double) -> (UInt32, UInt32) {
      (
        UInt32(clamping: Int((Double(x) * factor).rounded())),
        UInt32(clamping: Int((Double(y) * factor).rounded()))
      )
    }
    return switch unit {
    case .aspect: nil
    case .metre: (x, y)
    case .inch: scaled(1 / 0.0254)
    case .centimetre: scaled(100)
    }
  }

  /// In pixels an inch, as JFIF has it in 16 bits.
  var perInch: (x: UInt16, y: UInt16)? {
    if unit == .inch { return (UInt16(clamping: x), UInt16(clamping: y)) }
    return perMetre.map { x, y in
      (
        UInt16(clamping: Int((Double(x) * 0.0254).rounded())),
        UInt16(clamping: Int((Double(y) * 0.0254).rounded()))
      )
    }
  }
}
