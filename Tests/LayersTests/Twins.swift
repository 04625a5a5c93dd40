import Layers

/// The layers as plain loops in double precision.
enum Twins {
  static func convolution(
    _ input: Volume, _ parameters: [[Double]], outputs: Int, form: Convolution.Form
  ) -> Volume {
    let shape = input.shape
    let border = form.padding == .none ? 0 : 1
    func length(_ side: Int) -> Int { (side + 2 * border - form.side) / form.stride + 1 }
    var result = Volume(
      MapShape(
        batch: shape.batch, height: length(shape.height), width: length(shape.width), channels: outputs))
    let (k, m) = (shape.stored, MapShape.stored(outputs))
    for n in 0..<shape.batch {
      for y in 0..<result.shape.height {
        for x in 0..<result.shape.width {
          for output in 0..<outputs {
            var sum = parameters.count > 1 ? parameters[1][output] : 0
            for tap in 0..<form.side * form.side {
              let row = place(
                form.stride * y + tap / form.side - border, side: shape.height, padding: form.padding)
              let column = place(
                form.stride * x + tap % form.side - border, side: shape.width, padding: form.padding)
              guard let row, let column else { continue }
              for c in 0..<shape.channels {
                sum += parameters[0][(tap * k + c) * m + output] * input[n, row, column, c]
              }
            }
            result[n, y, x, output] = sum
          }
        }
      }
    }
    return result
  }

  /// Where the value at place `i` of a padded side comes from; nil for a zero.
  private static func place(_ i: Int, side: Int, padding: Padding) -> Int? {
    if (0..<side).contains(i) { return i }
    guard padding == .reflection else { return nil }
    return i < 0 ? -i : 2 * side - 2 - i
  }

  static func normalisation(_ input: Volume, _ parameters: [[Double]], slope: Double) -> Volume {
    var result = input
    let (pixels, channels) = (input.shape.pixels, input.shape.channels)
    for c in 0..<channels {
      let values = (0..<pixels).map { input.values[$0 * channels + c] }
      let mean = values.reduce(0, +) / Double(pixels)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)
      for (pixel, value) in values.enumerated() {
        let z = parameters[0][c] * (value - mean) / (variance + 1e-5).squareRoot() + parameters[1][c]
        result.values[pixel * channels + c] = z < 0 ? slope * z : z
      }
    }
    return result
  }

  static func enlargement(_ input: Volume, height: Int, width: Int) -> Volume {
    let shape = input.shape
    var result = Volume(
      MapShape(batch: shape.batch, height: height, width: width, channels: shape.channels))
    func ends(_ i: Int, _ side: Int) -> (Int, Int, Double) {
      let place = min(max((Double(i) + 0.5) / 2 - 0.5, 0), Double(side - 1))
      let low = Int(place)
      return (low, min(low + 1, side - 1), place - Double(low))
    }
    for n in 0..<shape.batch {
      for y in 0..<height {
        let (top, bottom, down) = ends(y, shape.height)
        for x in 0..<width {
          let (left, right, across) = ends(x, shape.width)
          for c in 0..<shape.channels {
            let upper = (1 - across) * input[n, top, left, c] + across * input[n, top, right, c]
            let lower = (1 - across) * input[n, bottom, left, c] + across * input[n, bottom, right, c]
            result[n, y, x, c] = (1 - down) * upper + down * lower
          }
        }
      }
    }
    return result
  }

  /// The block by its definition: every pixel looks at every other.
  static func nonLocal(_ input: Volume, _ parameters: [[Double]]) -> Volume {
    let shape = input.shape
    let half = shape.channels / 2
    let (theta, phi, g) = (
      convolution(input, Array(parameters[0...1]), outputs: half, form: .pointwise),
      convolution(input, Array(parameters[2...3]), outputs: half, form: .pointwise),
      convolution(input, Array(parameters[4...5]), outputs: half, form: .pointwise)
    )
    var y = Volume(shape.with(channels: half))
    let pixels = shape.height * shape.width
    for n in 0..<shape.batch {
      let start = n * pixels
      for i in start..<start + pixels {
        for j in start..<start + pixels {
          var likeness = 0.0
          for c in 0..<half { likeness += theta.values[i * half + c] * phi.values[j * half + c] }
          for c in 0..<half {
            y.values[i * half + c] += likeness * g.values[j * half + c] / Double(pixels)
          }
        }
      }
    }
    let outer = convolution(y, [parameters[6]], outputs: shape.channels, form: .pointwise)
    return input + normalisation(outer, Array(parameters[7...8]), slope: 1)
  }
}
