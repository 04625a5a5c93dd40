import Imaging
import Numerics

/// A picture while a camera works on it: one plane of brightness, or red, green and blue, in [0, 1] but for overshoot.
struct ColourPlanes {
  let width: Int
  let height: Int
  /// One or three of (height, width).
  var planes: [[Float]]

  init(width: Int, height: Int, planes: [[Float]]) {
    precondition(planes.allSatisfy { $0.count == width * height }, "a plane holds one value a pixel")
    (self.width, self.height, self.planes) = (width, height, planes)
  }

  /// - Parameter isGrey: whether to keep luma alone.
  init(_ picture: Picture, isGrey: Bool) {
    let area = picture.width * picture.height
    var values = [Float](repeating: 0, count: 3 * area)
    values.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress {
        picture.patch(top: 0, left: 0, height: picture.height, width: picture.width, into: start)
      }
    }
    let colours = (0..<3).map { Array(values[$0 * area..<($0 + 1) * area]) }
    let coloured = ColourPlanes(width: picture.width, height: picture.height, planes: colours)
    self =
      isGrey ? ColourPlanes(width: picture.width, height: picture.height, planes: [coloured.luma]) : coloured
  }

  /// Rec. 601 luma, (height, width).
  var luma: [Float] {
    guard planes.count == 3 else { return planes[0] }
    let (red, green, blue) = (planes[0], planes[1], planes[2])
    return red.indices.map { Luminance.of(red[$0], green[$0], blue[$0]) }
  }

  mutating func apply(_ transform: (Float) -> Float) {
    for index in planes.indices { planes[index] = planes[index].map(transform) }
  }

  /// The picture with samples rounded to a number of bits; a single plane gives three equal channels.
  func picture(bits: Int) -> Picture {
    let most = Float((1 << bits) - 1)
    func levels(_ top: Float) -> [Float] {
      (0..<width * height).flatMap { pixel in
        (0..<3).map { channel in
          let value = planes[min(channel, planes.count - 1)][pixel]
          return ((min(max(value, 0), 1) * most).rounded() * (top / most)).rounded()
        }
      }
    }
    if bits == 8 { return Picture(width: width, height: height, rgb: levels(255).map { UInt8($0) }) }
    return Picture(width: width, height: height, samples: .bits16(levels(65535).map { UInt16($0) }))
  }
}

/// Mirrored positions: what lies beyond a border is read as far inside of it, so that a mosaic's colours go on.
@inline(__always)
func mirrored(_ position: Int, _ count: Int) -> Int {
  if count == 1 { return 0 }
  let period = 2 * count - 2
  let inside = wrapped(position, period)
  return inside < count ? inside : period - inside
}

extension ColourPlanes {
  /// A plane filtered by a symmetric filter along both axes, its border mirrored.
  /// - Parameters:
  ///   - taps: the filter's middle value and those to one side of it.
  ///   - step: the distance from tap to tap.
  static func filtered(_ plane: [Float], width: Int, taps: [Float], step: Int = 1) -> [Float] {
    let height = plane.count / width
    var rows = [Float](repeating: 0, count: plane.count)
    var result = rows
    for y in 0..<height {
      for x in 0..<width {
        var sum = taps[0] * plane[y * width + x]
        for tap in 1..<taps.count {
          let (left, right) = (mirrored(x - tap * step, width), mirrored(x + tap * step, width))
          sum += taps[tap] * (plane[y * width + left] + plane[y * width + right])
        }
        rows[y * width + x] = sum
      }
    }
    for y in 0..<height {
      for x in 0..<width {
        var sum = taps[0] * rows[y * width + x]
        for tap in 1..<taps.count {
          let (above, below) = (mirrored(y - tap * step, height), mirrored(y + tap * step, height))
          sum += taps[tap] * (rows[above * width + x] + rows[below * width + x])
        }
        result[y * width + x] = sum
      }
    }
    return result
  }

  /// Half of a Gaussian's taps, from its middle on, of sum 1 on both sides together.
  static func gaussianTaps(deviation: Double) -> [Float] {
    let reach = Int((3 * deviation).rounded(.up))
    let values = (0...reach).map { Elementary.exponential(-Double($0 * $0) / (2 * deviation * deviation)) }
    let sum = 2 * values.reduce(0, +) - values[0]
    return values.map { Float($0 / sum) }
  }
}
