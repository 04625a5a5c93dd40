import Numerics

/// From linear light to stored values and back: sRGB's curve (IEC 61966-2-1), then an S-shaped one that darkens shadows and
/// brightens highlights, v + contrast (3 v^2 - 2 v^3 - v).
struct ToneCurve {
  let contrast: Double

  func stored(_ light: Double) -> Double {
    let x = min(max(light, 0), 1)
    let encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * Self.power(x, 1 / 2.4) - 0.055
    return bent(encoded)
  }

  func light(_ stored: Double) -> Double {
    let encoded = contrast == 0 ? stored : straightened(min(max(stored, 0), 1))
    return encoded <= 0.04045 ? encoded / 12.92 : Self.power((encoded + 0.055) / 1.055, 2.4)
  }

  private func bent(_ v: Double) -> Double { v + contrast * (v * v * (3 - 2 * v) - v) }

  /// By bisection, to 2^-40.
  private func straightened(_ value: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if bent(middle) < value { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double {
    Elementary.exponential(exponent * Elementary.logarithm(base))
  }
}

extension ToneCurve {
  /// Linear light of stored values, found once for each value that occurs.
  func expose(_ planes: inout ColourPlanes) {
    var known: [Float: Float] = [:]
    planes.apply { value in
      if let light = known[value] { return light }
      let light = Float(light(Double(value)))
      known[value] = light
      return light
    }
  }

  func develop(_ planes: inout ColourPlanes) { planes.apply { Float(stored(Double($0))) } }
}
