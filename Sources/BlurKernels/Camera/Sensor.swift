import Numerics

/// A sensor's noise and mosaic. A value of 1 is 10,000 electrons at ISO 100, and as many fewer as the speed is higher; the
/// light's shot noise is their square root (Poisson's distribution taken as Gaussian, as Foi and others do, IEEE TIP 2008),
/// and reading adds a deviation of 2 electrons. Values are rounded to 12 bits above a black level, so that noise below
/// black is kept.
struct Sensor {
  private static let electronsAtISO100 = 10_000.0
  private static let readNoise = 2.0
  private static let rawLevels: Float = 4095
  /// What red and blue are multiplied by for white balance: a sensor is most sensitive to green.
  static let gains: [Float] = [1.9, 1, 1.6]

  let iso: Double

  private var electrons: Double { Self.electronsAtISO100 * 100 / iso }
  /// Variance a x + b of a value x.
  var slope: Float { Float(1 / electrons) }
  var offset: Float { Float(Self.readNoise * Self.readNoise / (electrons * electrons)) }

  /// Adds noise to linear light and rounds it.
  func expose(_ plane: inout [Float], key: UInt64, stream: UInt64) throws(NumericsError) {
    guard iso > 0 else { return }
    let normals = FloatBuffer((plane.count + 63) / 64 * 64)
    Philox.normals(
      key: key, stream: stream, into: normals.pointer, count: normals.count, unit: try VectorUnit.current())
    for index in plane.indices {
      let deviation = (slope * max(plane[index], 0) + offset).squareRoot()
      let value = min(plane[index] + deviation * normals.pointer[index], 1)
      plane[index] = (value * Self.rawLevels).rounded() / Self.rawLevels
    }
  }

  /// The channel that each pixel of the mosaic sees: red and green in even rows, green and blue in odd ones.
  static func channel(_ y: Int, _ x: Int) -> Int { y % 2 + x % 2 }
}

extension Camera {
  /// What the sensor makes of the light, white-balanced, its mosaic filled in.
  func captured(_ scene: ColourPlanes, key: UInt64) throws(NumericsError) -> ColourPlanes {
    let sensor = Sensor(iso: iso)
    var result = scene
    guard scene.planes.count == 3, kind == .photo else {
      for channel in result.planes.indices {
        try sensor.expose(&result.planes[channel], key: key, stream: UInt64(channel))
      }
      return result
    }
    for channel in 0..<3 {
      let gain = Sensor.gains[channel]
      result.planes[channel] = scene.planes[channel].map { $0 / gain }
      // Each pixel of a mosaic sees one channel, so that one stream a channel is independent noise there, too.
      try sensor.expose(&result.planes[channel], key: key, stream: UInt64(channel))
      result.planes[channel] = result.planes[channel].map { min($0 * gain, 1) }
    }
    return demosaicking == .none ? result : Mosaic(result).filled(demosaicking)
  }
}
