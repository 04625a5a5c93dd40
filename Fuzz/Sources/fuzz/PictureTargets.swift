@testable import Imaging

/// Picture files of every format. What is decoded must be written as PNG and read again as the same picture.
let pictureTargets =
  [
    picture("png") {
      try drawn.flatMap { try [$0.encode(as: .png), $0.encode(as: .png, .init(isDeep: true))] }
    },
    picture("jpeg") { try drawn.map { try $0.encode(as: .jpeg) } },
    picture("webp") {
      try drawn.flatMap { try [$0.encode(as: .webp), $0.encode(as: .webp, .init(quality: 80))] }
    },
    picture("tiff") { tiffs },
    picture("bmp") {
      [
        FormatFixture.bmp(pseudoRandomBytes(24), width: 2, height: 3, bits: 24),
        FormatFixture.bmp(
          pseudoRandomBytes(8), width: 2, height: -2, bits: 8, palette: pseudoRandomBytes(1024)),
        FormatFixture.bmp(
          pseudoRandomBytes(16), width: 2, height: 2, bits: 32, masks: [0xFF00, 0xFF_0000, 0xFF, 0xFF00_0000]),
        FormatFixture.bmp(pseudoRandomBytes(8), width: 5, height: 2, bits: 4, palette: pseudoRandomBytes(64)),
      ]
    },
    picture("gif") {
      [
        FormatFixture.gif([0, 1, 2, 3], width: 2, height: 2, palette: pseudoRandomBytes(12), transparent: 1),
        FormatFixture.gif(
          [0, 1, 2, 3, 0, 1], width: 2, height: 3, palette: pseudoRandomBytes(12), screen: (4, 4), left: 1,
          top: 1, isInterlaced: true),
      ]
    },
    picture("heif") {
      [true, false].compactMap {
        FormatFixture.heif(pseudoRandomBytes(4 * 64 * 64), width: 64, height: 64, isAVIF: $0)
      }
    },
  ] + [
    FuzzTarget(name: "exif") {
      [tiff(value: 6), tiff(tag: 0x010F, type: 2, value: 65)]
    } run: { bytes in
      let block = Array(bytes)
      let reset = EXIF.withOrientationReset(tiff: block)
      expect(reset.count == block.count, "a reset orientation moves nothing")
      if EXIF.orientation(tiff: block) == nil { return }
      _ = PictureMetadata(exif: block).withOrientationReset
    }
  ]

/// Small enough that a thousand a second are decoded.
private let mostPixels = 1 << 14

private func picture(_ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]]) -> FuzzTarget {
  FuzzTarget(name: name, longest: name == "heif" ? 16384 : 4096, seeds: seeds) { bytes in
    let picture = try Picture.decode(Array(bytes), name: "input", atMost: mostPixels)
    expect(picture.width > 0 && picture.height > 0, "a picture has pixels")
    expect(picture.width * picture.height <= mostPixels, "no picture is larger than allowed")
    let upright = picture.upright()
    expect(upright.width * upright.height == picture.width * picture.height, "turning keeps all pixels")
    guard picture.width * picture.height <= 1024 else { return }
    guard let written = try? picture.encode(as: .png) else {
      return expect(false, "a picture can be written")
    }
    guard let again = try? Picture.decode(written, name: "again") else {
      return expect(false, "a picture that was written can be read")
    }
    expect(again.samples == picture.samples, "a picture that is written stays the same")
    for format in [PictureFormat.jpeg, .webp] {
      let written = (try? picture.encode(as: format)) ?? []
      expect((try? Picture.decode(written, name: "again")) != nil, "a picture can be written in every format")
    }
  }
}

private var drawn: [Picture] {
  var metadata = PictureMetadata(exif: tiff(value: 6))
  metadata.gamma = 45455
  metadata.density = PixelDensity(x: 300, y: 300, unit: .inch)
  let plain = drawnPicture(width: 9, height: 7)
  let tagged = Picture(width: 9, height: 7, samples: plain.samples, metadata: metadata)
  let grey = Picture(width: 5, height: 4, rgb: (0..<60).map { UInt8($0 / 3 * 12) })
  return [tagged, drawnPicture(width: 1, height: 1), grey]
}

private var tiffs: [[UInt8]] {
  [
    FormatFixture.tiff(pseudoRandomBytes(24), width: 4, height: 2),
    FormatFixture.tiff(pseudoRandomBytes(48), width: 4, height: 2, bits: 16, orientation: 6),
    FormatFixture.tiff(pseudoRandomBytes(32), width: 4, height: 2, samples: 4, extra: 2),
    FormatFixture.tiff(pseudoRandomBytes(32), width: 4, height: 2, samples: 4, photometric: 5),
    FormatFixture.tiff(pseudoRandomBytes(2), width: 4, height: 2, bits: 1, samples: 1, photometric: 0),
  ]
}
