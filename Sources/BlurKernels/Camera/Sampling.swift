/// From the original's grid to the sensor's, and from that to the low-resolution picture's, which are the same unless the
/// camera's picture is resized. Both passes are cubic (Keys, a = -0.5) with a circular border.
struct Sampling {
  let scale: Int
  let resizing: Double

  /// Pixels of the sensor along a side of so many low-resolution pixels.
  private func sensorSide(_ side: Int) -> Int { Int((Double(side) / resizing).rounded()) }

  /// The scene blurred and sampled by the sensor.
  func sampled(_ scene: ColourPlanes, _ kernel: BlurKernel) throws(DegradationError) -> ColourPlanes {
    let (width, height) = (scene.width / scale, scene.height / scale)
    guard resizing < 1 else {
      return try blurred(scene, kernel, scale: scale)
    }
    let offset = Double(scale) / 2
    func positions(_ side: Int, _ whole: Int) -> CubicPositions {
      let count = sensorSide(side)
      let pitch = Double(whole) / Double(count)
      return CubicPositions((0..<count).map { pitch * (Double($0) + 0.5) - offset }, side: whole)
    }
    return try blurred(scene, kernel, scale: 1)
      .resampled(positions(width, scene.width), positions(height, scene.height))
  }

  private func blurred(
    _ scene: ColourPlanes, _ kernel: BlurKernel, scale: Int
  ) throws(DegradationError) -> ColourPlanes {
    var planes: [[Float]] = []
    for plane in scene.planes {
      planes.append(try kernel.degrade(plane, width: scene.width, height: scene.height, scale: scale))
    }
    return ColourPlanes(width: scene.width / scale, height: scene.height / scale, planes: planes)
  }

  /// The sensor's picture made as large as the low-resolution one, frequencies beyond its grid's filtered out.
  func resized(_ planes: ColourPlanes, width: Int, height: Int) -> ColourPlanes {
    guard resizing < 1 else { return planes }
    func positions(_ side: Int, _ whole: Int) -> CubicPositions {
      let pitch = Double(whole) / Double(side)
      return CubicPositions((0..<side).map { pitch * (Double($0) + 0.5) - 0.5 }, side: whole, width: pitch)
    }
    return planes.resampled(positions(width, planes.width), positions(height, planes.height))
  }
}

/// Where the values of one axis come from.
struct CubicPositions {
  /// For each output: the first input, which may lie outside, and the weights from there on.
  fileprivate let taps: [(first: Int, weights: [Float])]
  fileprivate let side: Int

  /// - Parameters:
  ///   - positions: of the outputs, in inputs, whose centres are at whole numbers.
  ///   - side: the number of inputs.
  ///   - width: of the filter in inputs, 1 for interpolation.
  init(_ positions: [Double], side: Int, width: Double = 1) {
    self.side = side
    taps = positions.map { position in
      let first = Int((position - 2 * width).rounded(.up))
      let last = Int((position + 2 * width).rounded(.down))
      let weights = (first...last).map { Self.weight(abs(Double($0) - position) / width) }
      let sum = weights.reduce(0, +)
      return (first, weights.map { Float($0 / sum) })
    }
  }

  private static func weight(_ x: Double) -> Double {
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }
}

extension ColourPlanes {
  fileprivate func resampled(_ columns: CubicPositions, _ rows: CubicPositions) -> ColourPlanes {
    let (newWidth, newHeight) = (columns.taps.count, rows.taps.count)
    let resampled = planes.map { plane in
      var wide: [Float] = []
      wide.reserveCapacity(newWidth * height)
      for y in 0..<height {
        for (first, weights) in columns.taps {
          wide.append(
            weights.indices.reduce(Float(0)) {
              $0 + weights[$1] * plane[y * width + wrapped(first + $1, width)]
            })
        }
      }
      var result: [Float] = []
      result.reserveCapacity(newWidth * newHeight)
      for (first, weights) in rows.taps {
        let lines = weights.indices.map { wrapped(first + $0, height) * newWidth }
        for x in 0..<newWidth {
          result.append(weights.indices.reduce(Float(0)) { $0 + weights[$1] * wide[lines[$1] + x] })
        }
      }
      return result
    }
    return ColourPlanes(width: newWidth, height: newHeight, planes: resampled)
  }
}
