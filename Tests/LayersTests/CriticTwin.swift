import Layers
import Numerics

/// The critic of KernelGAN-FKP by plain loops in double precision.
struct CriticTwin {
  let samples: Int, side: Int
  var parameters: [Double]

  init(_ critic: PatchCritic) {
    (samples, side) = (critic.samples, critic.side)
    parameters = critic.parameters.array.map(Double.init)
  }

  /// (samples, channels, side, side)
  private struct Volume {
    let channels: Int, side: Int
    var values: [Double]

    func at(_ sample: Int, _ channel: Int, _ row: Int, _ column: Int) -> Int {
      ((sample * channels + channel) * side + row) * side + column
    }
  }

  /// The sum of all maps of patches (samples, 3, side, side).
  func sum(_ patches: [Double]) -> Double {
    var x = Volume(channels: 3, side: side, values: patches)
    for layer in 0..<5 {
      x = convolved(x, outputs: layer == 4 ? 1 : 32) { tap, input, output in
        parameters[weight(layer, tap, input, output)]
      }
      if layer < 4 { normalise(&x, gains: 2048 + 3 * 9216 + 64 * layer) }
    }
    return x.values.reduce(0, +)
  }

  /// The first layer has its taps among its inputs, the last among its outputs.
  private func weight(_ layer: Int, _ tap: Int, _ input: Int, _ output: Int) -> Int {
    switch layer {
    case 0: (tap * 3 + input) * 32 + output
    case 4: 1024 + 3 * 9216 + input * 32 + tap
    default: 1024 + (layer - 1) * 9216 + (tap * 32 + input) * 32 + output
    }
  }

  private func convolved(_ x: Volume, outputs: Int, _ weight: (Int, Int, Int) -> Double) -> Volume {
    let side = x.side - 2
    var y = Volume(
      channels: outputs, side: side, values: [Double](repeating: 0, count: samples * outputs * side * side))
    for output in 0..<outputs {
      for input in 0..<x.channels {
        for tap in 0..<9 {
          let w = weight(tap, input, output)
          for place in 0..<samples * side * side {
            let (sample, row, column) = (place / side / side, place / side % side, place % side)
            y.values[y.at(sample, output, row, column)] +=
              w * x.values[x.at(sample, input, row + tap / 3, column + tap % 3)]
          }
        }
      }
    }
    return y
  }

  private func normalise(_ x: inout Volume, gains: Int) {
    let area = x.side * x.side
    for channel in 0..<32 {
      let places = (0..<samples).flatMap { sample in (0..<area).map { x.at(sample, channel, 0, 0) + $0 } }
      let mean = places.reduce(0) { $0 + x.values[$1] } / Double(places.count)
      let variance =
        places.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / Double(places.count)
      for place in places {
        let n = (x.values[place] - mean) / (variance + 1e-5).squareRoot()
        let z = parameters[gains + channel] * n + parameters[gains + 32 + channel]
        x.values[place] = max(z, 0.2 * z)
      }
    }
  }
}
