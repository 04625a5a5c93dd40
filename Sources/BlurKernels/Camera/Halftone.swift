import Numerics

/// A print's halftone screen of 45 degrees, four low-resolution pixels from dot to dot, as a scanner sees it: dots whose
/// edges the ink has softened. It modulates mid-greys most, black and white not at all, and keeps the mean brightness.
struct Halftone {
  let strength: Double
  /// Pixels of the original from dot to dot.
  let pitch: Double

  func print(on scene: inout ColourPlanes) {
    guard strength > 0 else { return }
    let turn = 2 * Double.pi / (pitch * 2.0.squareRoot())
    let columns = scene.width
    let waves = (0..<columns + scene.height).map {
      (sum: wave(turn * Double($0)), difference: wave(turn * Double($0 - scene.height)))
    }
    for channel in scene.planes.indices {
      for y in 0..<scene.height {
        for x in 0..<columns {
          let screen = (waves[x + y].sum + waves[x - y + scene.height].difference) / 2
          let light = scene.planes[channel][y * columns + x]
          scene.planes[channel][y * columns + x] = light + Float(strength * screen) * 4 * light * (1 - light)
        }
      }
    }
  }

  /// Whole turns taken off, since the cosine is exact for a few of them only.
  private func wave(_ angle: Double) -> Double {
    let turns = (angle / (2 * Double.pi)).rounded()
    return Elementary.sineAndCosine(angle - turns * 2 * Double.pi).cosine
  }
}
