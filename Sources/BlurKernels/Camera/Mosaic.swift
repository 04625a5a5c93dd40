/// A Bayer mosaic (RGGB): one value a pixel, white-balanced.
struct Mosaic {
  private let width: Int
  private let height: Int
  /// (height, width).
  private let values: [Float]

  /// Keeps of each pixel the channel that the mosaic has there.
  init(_ planes: ColourPlanes) {
    (width, height) = (planes.width, planes.height)
    values = (0..<planes.width * planes.height).map { pixel in
      planes.planes[Sensor.channel(pixel / planes.width, pixel % planes.width)][pixel]
    }
  }

  func filled(_ method: Camera.Demosaicking) -> ColourPlanes {
    var planes = [[Float]](repeating: values, count: 3)
    for y in 0..<height {
      for x in 0..<width {
        let own = Sensor.channel(y, x)
        for channel in 0..<3 where channel != own {
          let near = Neighbourhood(mosaic: self, y: y, x: x)
          planes[channel][y * width + x] =
            method == .malvar ? near.malvar(channel, own: own) : near.bilinear(channel, own: own)
        }
      }
    }
    return ColourPlanes(width: width, height: height, planes: planes)
  }

  /// The 5x5 pixels around one, the border mirrored.
  private struct Neighbourhood {
    let mosaic: Mosaic
    let y: Int
    let x: Int

    private func at(_ dy: Int, _ dx: Int) -> Float {
      mosaic.values[mirrored(y + dy, mosaic.height) * mosaic.width + mirrored(x + dx, mosaic.width)]
    }

    private var here: Float { at(0, 0) }
    private func beside(_ distance: Int) -> Float { at(0, -distance) + at(0, distance) }
    private func above(_ distance: Int) -> Float { at(-distance, 0) + at(distance, 0) }
    private var corners: Float { at(-1, -1) + at(-1, 1) + at(1, -1) + at(1, 1) }
    /// Whether the wanted colour's pixels lie in this row.
    private func isBeside(_ channel: Int) -> Bool { Sensor.channel(y, x + 1) == channel }

    func bilinear(_ channel: Int, own: Int) -> Float {
      if channel == 1 { return (beside(1) + above(1)) / 4 }
      if own != 1 { return corners / 4 }
      return (isBeside(channel) ? beside(1) : above(1)) / 2
    }

    /// The paper's four filters (its figure 2), in eighths.
    func malvar(_ channel: Int, own: Int) -> Float {
      if channel == 1 { return (4 * here + 2 * (beside(1) + above(1)) - beside(2) - above(2)) / 8 }
      if own != 1 { return (6 * here + 2 * corners - 1.5 * (beside(2) + above(2))) / 8 }
      let (along, across) = isBeside(channel) ? (beside, above) : (above, beside)
      return (5 * here + 4 * along(1) - corners - along(2) + 0.5 * across(2)) / 8
    }
  }
}
