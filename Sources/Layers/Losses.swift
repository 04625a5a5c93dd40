import CLoops
import Numerics

/// A loss, and its gradient by a picture.
package struct Loss {
  package let value: Double
  /// By every value, (channels, height, width).
  package let gradient: Raster
}

/// The squared difference of two pictures of one size.
package struct SquaredDifference {
  private let unit: VectorUnit

  package init(_ unit: VectorUnit) { self.unit = unit }

  /// The mean over all values of (picture - target)^2.
  package func mean(_ picture: Raster, _ target: Raster) -> Loss {
    let difference = self.difference(picture, target)
    let sum = Double(unit.loops.dot(difference.pointer, difference.pointer, difference.count))
    let count = Double(difference.count)
    unit.loops.scale(difference.pointer, difference.pointer, Float(2 / count), difference.count)
    return Loss(value: sum / count, gradient: difference)
  }

  /// The mean over all values of 0.5 weight (picture - target)^2, with a weight for every value.
  package func weighted(_ picture: Raster, _ target: Raster, by weight: Raster) -> Loss {
    let difference = self.difference(picture, target)
    let count = Double(difference.count)
    var sum = 0.0
    for i in difference.values.indices {
      let value = difference.pointer[i]
      let scaled = weight.pointer[i] * value
      sum += 0.5 * Double(scaled) * Double(value)
      difference.pointer[i] = scaled / Float(count)
    }
    return Loss(value: sum / count, gradient: difference)
  }

  /// picture - target, value by value.
  package func difference(_ picture: Raster, _ target: Raster) -> Raster {
    precondition(picture.count == target.count && picture.width == target.width)
    let result = Raster(channels: picture.channels, height: picture.height, width: picture.width)
    result.pointer.update(from: picture.pointer, count: picture.count)
    unit.loops.add_scaled(result.pointer, target.pointer, -1, result.count)
    return result
  }
}

/// 1 - SSIM, with the structural similarity of Wang, Bovik, Sheikh, Simoncelli ("Image quality assessment: from error
/// visibility to structural similarity", IEEE Transactions on Image Processing 2004): the mean over all channels and
/// all places of a Gaussian window of 11x11 with sigma 1.5 that lie within the picture; K1 = 0.01, K2 = 0.03, values
/// in [0, 1].
package struct Dissimilarity {
  /// The side of the window, in pixels.
  package static let side = 11
  /// One axis of the window, exp(-i^2 / 4.5), sum 1.
  private let window: [Float]
  private let unit: VectorUnit

  package init(_ unit: VectorUnit) {
    self.unit = unit
    let (offsets, values) = (FloatBuffer(Self.side), FloatBuffer(Self.side))
    for i in 0..<Self.side {
      let distance = Float(i - Self.side / 2)
      offsets.pointer[i] = -distance * distance / 4.5
    }
    let loops = unit.instructionSet == .avx2 ? clayers_avx2 : clayers_avx512
    loops.exponentials(offsets.pointer, 0, Self.side, values.pointer)
    let sum = values.array.reduce(0, +)
    window = values.array.map { $0 / sum }
  }

  /// The loss of `picture` and its gradient by it.
  /// - Precondition: both pictures have the same size, with sides of at least 11 pixels.
  package func callAsFunction(_ picture: Raster, _ target: Raster) -> Loss {
    let (x, y) = (picture, target)
    let (meanX, meanY) = (averaged(x), averaged(y))
    let squareX = averaged(product(x, x))
    let squareY = averaged(product(y, y))
    let mixed = averaged(product(x, y))
    let count = Float(meanX.count)
    var sum = 0.0
    for i in meanX.values.indices {
      let slopes = Self.similarity(
        (meanX.pointer[i], meanY.pointer[i], squareX.pointer[i], squareY.pointer[i], mixed.pointer[i]))
      sum += Double(slopes.value)
      meanX.pointer[i] = -slopes.byMean / count
      squareX.pointer[i] = -slopes.bySquare / count
      mixed.pointer[i] = -slopes.byMixed / count
    }
    let gradient = spread(meanX, like: x)
    add(2, x, times: spread(squareX, like: x), to: gradient)
    add(1, y, times: spread(mixed, like: x), to: gradient)
    return Loss(value: 1 - sum / Double(count), gradient: gradient)
  }

  /// The similarity of a window and its derivatives by the picture's mean, mean square and mean product with the target.
  private static func similarity(
    _ m: (x: Float, y: Float, xx: Float, yy: Float, xy: Float)
  ) -> (value: Float, byMean: Float, bySquare: Float, byMixed: Float) {
    let (c1, c2): (Float, Float) = (1e-4, 9e-4)
    let light = 2 * m.x * m.y + c1
    let contrast = 2 * (m.xy - m.x * m.y) + c2
    let lights = m.x * m.x + m.y * m.y + c1
    let contrasts = m.xx - m.x * m.x + m.yy - m.y * m.y + c2
    let value = light * contrast / (lights * contrasts)
    let byMean =
      (2 * m.y * contrast - 2 * m.y * light) / (lights * contrasts)
      - value * 2 * m.x * (1 / lights - 1 / contrasts)
    return (value, byMean, -value / contrasts, 2 * light / (lights * contrasts))
  }

  private func product(_ a: Raster, _ b: Raster) -> Raster {
    let result = Raster(channels: a.channels, height: a.height, width: a.width)
    for i in result.values.indices { result.pointer[i] = a.pointer[i] * b.pointer[i] }
    return result
  }

  private func add(_ factor: Float, _ a: Raster, times b: Raster, to sum: Raster) {
    for i in sum.values.indices { sum.pointer[i] += factor * a.pointer[i] * b.pointer[i] }
  }

  /// Weighted means wherever the window fits.
  private func averaged(_ raster: Raster) -> Raster {
    let reach = Self.side - 1
    let low = Raster(channels: raster.channels, height: raster.height - reach, width: raster.width)
    let result = Raster(channels: raster.channels, height: low.height, width: raster.width - reach)
    for channel in 0..<raster.channels {
      for y in 0..<low.height {
        for (tap, weight) in window.enumerated() {
          unit.loops.add_scaled(low.row(y, channel), raster.row(y + tap, channel), weight, raster.width)
        }
        for (tap, weight) in window.enumerated() {
          unit.loops.add_scaled(result.row(y, channel), low.row(y, channel) + tap, weight, result.width)
        }
      }
    }
    return result
  }

  /// The transpose of `averaged`.
  private func spread(_ means: Raster, like raster: Raster) -> Raster {
    let wide = Raster(channels: means.channels, height: means.height, width: raster.width)
    let result = Raster(channels: raster.channels, height: raster.height, width: raster.width)
    for channel in 0..<means.channels {
      for y in 0..<means.height {
        for (tap, weight) in window.enumerated() {
          unit.loops.add_scaled(wide.row(y, channel) + tap, means.row(y, channel), weight, means.width)
        }
        for (tap, weight) in window.enumerated() {
          unit.loops.add_scaled(result.row(y + tap, channel), wide.row(y, channel), weight, raster.width)
        }
      }
    }
    return result
  }
}
