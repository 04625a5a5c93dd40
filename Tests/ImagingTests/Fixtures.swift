import Imaging

/// A TIFF structure, little-endian, with one entry in its first directory (TIFF 6.0, section 2).
func tiff(tag: UInt16 = 0x0112, type: UInt16 = 3, value: UInt16) -> [UInt8] {
  func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
  let entry = bytes(tag) + bytes(type) + [1, 0, 0, 0] + bytes(value) + [0, 0]
  return [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
}

/// Deterministic bytes, smooth enough not to be pure noise (a linear congruential generator's high bits).
func pseudoRandomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(state >> 56)
  }
}

/// The samples of an 8-bit picture.
func bytes(_ picture: Picture) -> [UInt8] {
  if case .bits8(let samples) = picture.samples { samples } else { [] }
}

/// The samples of a 16-bit picture.
func words(_ picture: Picture) -> [UInt16] {
  if case .bits16(let samples) = picture.samples { samples } else { [] }
}

/// Each value three times, as grey comes out.
func tripled<Value>(_ values: [Value]) -> [Value] { values.flatMap { [$0, $0, $0] } }

/// A picture of sharp edges between white and slow ramps.
func drawnPicture(width: Int, height: Int) -> Picture {
  let samples = (0..<3 * width * height).map { index -> UInt8 in
    let (row, column, channel) = (index / 3 / width, index / 3 % width, index % 3)
    if (row + column + channel) % 3 == 0 { return 255 }
    return UInt8((37 * row + 59 * column + 101 * channel) % 256)
  }
  return Picture(width: width, height: height, rgb: samples)
}
