import Numerics

/// Denoising as in a camera: on the square root of the light, where a sensor's noise is equally strong everywhere
/// (Anscombe), luma and two colour differences apart, these with twice the strength.
struct Denoiser {
  let method: Camera.Denoising
  let strength: Float
  let sensor: Sensor

  /// The standard deviation of the square root's noise: half the root of the sensor's slope.
  private var deviation: Float { sensor.slope.squareRoot() / 2 }

  func clean(_ light: inout ColourPlanes) {
    guard method != .none, sensor.iso > 0 else { return }
    let floor = sensor.offset / sensor.slope
    light.apply { (max($0, 0) + floor).squareRoot() }
    if light.planes.count == 3 {
      let luma = light.luma
      let differences = [0, 2].map { channel in
        cleaned(
          zip(light.planes[channel], luma).map(-), width: light.width,
          threshold: 2 * strength * deviation)
      }
      let clean = cleaned(luma, width: light.width, threshold: strength * deviation)
      light.planes[0] = zip(clean, differences[0]).map(+)
      light.planes[2] = zip(clean, differences[1]).map(+)
      // What luma's definition leaves for green: 0.587 (g - y) = -0.299 (r - y) - 0.114 (b - y).
      light.planes[1] = clean.indices.map { index in
        clean[index] - (0.299 * differences[0][index] + 0.114 * differences[1][index]) / 0.587
      }
    } else {
      light.planes[0] = cleaned(
        light.planes[0], width: light.width, threshold: strength * deviation)
    }
    light.apply { max($0, 0) * max($0, 0) - floor }
  }

  private func cleaned(_ plane: [Float], width: Int, threshold: Float) -> [Float] {
    method == .bilateral
      ? bilateral(plane, width: width, range: 3 * threshold)
      : wavelet(plane, width: width, deviation: threshold)
  }

  /// Tukey's biweight as the weight of differences (Durand and Dorsey, SIGGRAPH 2002), which falls to 0 at `range`, over
  /// 5x5 pixels weighed by a Gaussian of deviation 1.5.
  private func bilateral(_ plane: [Float], width: Int, range: Float) -> [Float] {
    let height = plane.count / width
    let near: [Float] = (0...8).map { Float(Elementary.exponential(-Double($0) / 4.5)) }
    return plane.indices.map { index in
      let (y, x) = (index / width, index % width)
      var (sum, weights): (Float, Float) = (0, 0)
      for dy in -2...2 {
        let row = mirrored(y + dy, height) * width
        for dx in -2...2 {
          let value = plane[row + mirrored(x + dx, width)]
          let share = (value - plane[index]) / range
          let inside = max(1 - share * share, 0)
          let weight = near[dy * dy + dx * dx] * inside * inside
          sum += weight * value
          weights += weight
        }
      }
      return sum / weights
    }
  }

  /// Soft thresholds on three scales of the undecimated transform by cubic B-splines, in multiples of what unit white noise
  /// has on each (Starck and Murtagh, "Astronomical Image and Data Analysis", 2006: 0.889, 0.200, 0.086).
  private func wavelet(_ plane: [Float], width: Int, deviation: Float) -> [Float] {
    var rest = plane
    var details = [Float](repeating: 0, count: plane.count)
    for (level, share) in [Float(0.889), 0.200, 0.086].enumerated() {
      let smooth = ColourPlanes.filtered(
        rest, width: width, taps: [6 / 16, 4 / 16, 1 / 16], step: 1 << level)
      let threshold = 1.5 * share * deviation
      for index in details.indices {
        let detail = rest[index] - smooth[index]
        details[index] += detail - min(max(detail, -threshold), threshold)
      }
      rest = smooth
    }
    return zip(rest, details).map(+)
  }
}
