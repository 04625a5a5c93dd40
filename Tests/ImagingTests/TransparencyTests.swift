import Imaging
import Testing

/// Alpha stays beside the colours whatever is done to a picture.
@Suite struct TransparencyTests {
  private static let noise = pseudoRandomBytes(7 * 5 * 4, seed: 12)

  static func picture(isDeep: Bool) -> Picture {
    let colours = (0..<105).map { (index: Int) -> UInt8 in noise[index / 3 * 4 + index % 3] }
    let alpha = (0..<35).map { (pixel: Int) -> UInt8 in
      pixel % 4 == 0 ? 255 : pixel % 4 == 1 ? 0 : noise[4 * pixel + 3]
    }
    func samples(_ bytes: [UInt8]) -> Picture.Samples {
      isDeep ? .bits16(bytes.map { 257 * UInt16($0) }) : .bits8(bytes)
    }
    let stored = Transparency(alpha: samples(alpha), colours: samples(colours))
    let plain = Picture(
      width: 7, height: 5, samples: samples(colours), orientation: 6, iccProfile: [1, 2, 3],
      transparency: stored)
    return Picture(
      width: 7, height: 5, samples: plain.flattened(on: .white).samples, orientation: 6,
      iccProfile: [1, 2, 3], transparency: stored)
  }

  @Test(arguments: [false, true]) func `alpha and stored colours come back from a file`(isDeep: Bool) throws {
    let picture = Self.picture(isDeep: isDeep)
    let read = try Picture.decode(picture.encodePNG(), name: "x")
    #expect(read.samples == picture.samples && read.transparency == picture.transparency)
    #expect(read.iccProfile == [1, 2, 3] && read.notes == ["transparent places count as white"])
    #expect(read.flattened(on: .white).samples == picture.samples)
    #expect(read.flattened(on: .white).transparency == nil && read.flattened(on: .white).notes.isEmpty)
  }

  @Test func `a background shows where the picture does not`() {
    let red = Self.picture(isDeep: false).flattened(on: BackgroundColour(red: 200, green: 10, blue: 0))
    let stored = Self.picture(isDeep: false).transparency
    #expect(Array(bytes(red)[3..<6]) == [200, 10, 0], "alpha 0")
    if case .bits8(let colours)? = stored?.colours { #expect(bytes(red).prefix(3) == colours.prefix(3)) }
    let opaque = Picture(width: 1, height: 1, rgb: [1, 2, 3])
    #expect(opaque.flattened(on: .white).samples == opaque.samples && opaque.alpha == nil)
  }

  @Test(arguments: [false, true]) func `alpha is cut, turned, repeated and enlarged with the colours`(
    isDeep: Bool
  ) {
    let picture = Self.picture(isDeep: isDeep)
    for changed in [
      picture.cropped(toMultipleOf: 2), picture.upright(), picture.padded(toAtLeast: 16),
      picture.converted(toDeep: !isDeep),
    ] {
      #expect(changed.iccProfile == [1, 2, 3])
      let laid = changed.flattened(on: .white)
      let differences = zip(laid.rgb8, changed.rgb8).map { abs(Int($0) - Int($1)) }
      #expect(differences.allSatisfy { $0 <= 1 }, "\(differences.max() ?? 0)")
    }
    // The alpha is enlarged as a grey picture is.
    guard case .bits8(let alpha)? = Self.picture(isDeep: false).alpha else { return }
    let grey = Picture(width: 7, height: 5, rgb: tripled(alpha)).bicubic(scale: 2)
    if case .bits8(let large)? = Self.picture(isDeep: false).bicubic(scale: 2).alpha {
      #expect(tripled(large) == bytes(grey))
    }
  }

  /// Of one colour, so that cubic weights below zero ask for no colour that there is not.
  @Test func `enlarged colours on white are those that alpha leaves`() {
    let alpha = (0..<35).map { UInt8($0 * 53 % 256) }
    let colours = [[UInt8]](repeating: [200, 90, 10], count: 35).flatMap { $0 }
    let stored = Transparency(alpha: .bits8(alpha), colours: .bits8(colours))
    let white = Picture(width: 7, height: 5, samples: .bits8(colours), transparency: stored).flattened(
      on: .white)
    let picture = Picture(width: 7, height: 5, samples: white.samples, transparency: stored)
    let large = picture.bicubic(scale: 3)
    let opaque = Picture(width: 21, height: 15, samples: large.samples)
    #expect(opaque.carryingAlpha(of: picture, scale: 3).transparency == large.transparency)
    #expect(
      opaque.carryingAlpha(of: Picture(width: 7, height: 5, rgb: bytes(picture)), scale: 3).alpha == nil)
    let laid = large.flattened(on: .white)
    #expect(zip(laid.rgb8, large.rgb8).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    guard case .bits8(let found)? = large.transparency?.colours, case .bits8(let cover)? = large.alpha else {
      return
    }
    for pixel in cover.indices where cover[pixel] > 100 && cover[pixel] < 255 {
      #expect(abs(Int(found[3 * pixel]) - 200) <= 4)
    }
  }

  @Test func `WebP holds alpha, JPEG the colours on white`() throws {
    let picture = Self.picture(isDeep: false)
    let webp = try Picture.decode(picture.encode(as: .webp), name: "x")
    #expect(webp.alpha == picture.alpha && webp.rgb8 == picture.rgb8 && webp.iccProfile == [1, 2, 3])
    let jpeg = try Picture.decode(picture.encode(as: .jpeg, .init(quality: 100)), name: "x")
    #expect(jpeg.alpha == nil)
    #expect(zip(jpeg.rgb8, picture.rgb8).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
  }
}
