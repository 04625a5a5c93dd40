/// What a picture with transparent places holds beside `Picture.samples`, in which its colours are laid on white.
public struct Transparency: Sendable, Equatable {
  /// (height, width): 0 where nothing of the picture shows, the samples' maximum where all of it does.
  public let alpha: Picture.Samples
  /// (height, width, 3): the colours as stored, not multiplied by alpha.
  public let colours: Picture.Samples

  /// - Parameters: both of one depth.
  public init(alpha: Picture.Samples, colours: Picture.Samples) {
    precondition(colours.count == 3 * alpha.count && alpha.isDeep == colours.isDeep)
    (self.alpha, self.colours) = (alpha, colours)
  }

  /// The transparency of a picture whose colours on white and whose alpha are known, as after enlarging both: the colours
  /// are those that give `samples` on white. Where alpha is 0 they are white.
  /// - Parameters:
  ///   - samples: (height, width, 3), the colours on white.
  ///   - alpha: (height, width), of the same depth.
  public init(laidOnWhite samples: Picture.Samples, alpha: Picture.Samples) {
    switch (samples, alpha) {
    case (.bits8(let samples), .bits8(let cover)):
      self.init(alpha: alpha, colours: .bits8(Self.recovered(samples, cover)))
    case (.bits16(let samples), .bits16(let cover)):
      self.init(alpha: alpha, colours: .bits16(Self.recovered(samples, cover)))
    default: preconditionFailure("colours and alpha of one picture have one depth")
    }
  }

  /// The same rearrangement of alpha, which has one channel, and of the colours, which have three.
  package func rearranged<Stop: Error>(
    _ change: (_ samples: Picture.Samples, _ channels: Int) throws(Stop) -> Picture.Samples
  ) throws(Stop) -> Transparency {
    Transparency(alpha: try change(alpha, 1), colours: try change(colours, 3))
  }

  private static func recovered<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], _ alpha: [Sample]
  ) -> [Sample] {
    let white = Int(Sample.max)
    return samples.indices.map { index in
      let cover = Int(alpha[index / 3])
      if cover == 0 { return Sample.max }
      // samples = (colour * cover + white * (white - cover)) / white
      let product = Int(samples[index]) * white - white * (white - cover)
      return Sample(clamping: (max(product, 0) + cover / 2) / cover)
    }
  }
}

/// Red, green and blue of a background, 0...255.
public struct BackgroundColour: Sendable, Equatable {
  public let red, green, blue: UInt8

  public static let white = BackgroundColour(red: 255, green: 255, blue: 255)

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }
}

extension Picture {
  /// (height, width) at the samples' depth; nil for a picture without transparent places.
  public var alpha: Samples? { transparency?.alpha }

  /// This picture, which is `source` enlarged in some way, with `source`'s alpha enlarged by cubic convolution; as it is
  /// where `source` is opaque.
  /// - Parameter scale: by which `source` was enlarged; both are of one depth.
  public func carryingAlpha(of source: Picture, scale: Int) -> Picture {
    guard let alpha = source.alpha else { return self }
    precondition(size == source.size.enlarged(by: scale), "alpha of a picture of another size")
    return Picture(
      like: self, width: width, height: height, samples: samples,
      transparency: Transparency(
        laidOnWhite: samples, alpha: source.bicubicAlpha(alpha, scale: scale, check: {})))
  }

  /// The picture without transparency, its stored colours laid on a background (PNG, Third Edition, 13.16, on the samples
  /// as stored). An opaque picture comes back as it is.
  public func flattened(on background: BackgroundColour) -> Picture {
    guard let transparency else { return self }
    let laid: Samples =
      switch (transparency.colours, transparency.alpha) {
      case (.bits8(let colours), .bits8(let alpha)): .bits8(Self.laid(colours, alpha, on: background))
      case (.bits16(let colours), .bits16(let alpha)): .bits16(Self.laid(colours, alpha, on: background))
      default: samples
      }
    let isColourless = background.red == background.green && background.green == background.blue
    return Picture(
      width: width, height: height, samples: laid, isGrey: isGrey && isColourless, orientation: orientation,
      metadata: metadata, notes: notes.filter { $0 != Self.laidOnWhiteNote })
  }

  /// Said of pictures whose transparent places are laid on white in `samples`.
  static let laidOnWhiteNote = "transparent places count as white"

  private static func laid<Sample: FixedWidthInteger & UnsignedInteger>(
    _ colours: [Sample], _ alpha: [Sample], on background: BackgroundColour
  ) -> [Sample] {
    let unit = Sample.max / 255  // 1, or 257
    let behind = [background.red, background.green, background.blue].map { Sample($0) * unit }
    return colours.indices.map { laid(colours[$0], cover: alpha[$0 / 3], on: behind[$0 % 3]) }
  }

  /// Rounded to the nearest.
  @inline(__always)
  static func laid<Sample: FixedWidthInteger & UnsignedInteger>(
    _ value: Sample, cover: Sample, on background: Sample
  ) -> Sample {
    if cover == Sample.max { return value }
    let (value, cover, behind, most) = (UInt64(value), UInt64(cover), UInt64(background), UInt64(Sample.max))
    return Sample((value * cover + behind * (most - cover) + most / 2) / most)
  }
}
