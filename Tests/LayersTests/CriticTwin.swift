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

    /// The index of an entry in `values`.
    func index(sample: Int, channel: Int, row: Int, column: Int) -> Int {
      ((sample * channels + channel) * side + row) * side + column
    }
  }

  /// The sum of all maps of patches (samples, 3, side, side).
  func sum(_ patches: [Double]) -> Double {
    var x = Volume(channels: 3, side: side, values: patches)
    for layer in 0..<5 {
      x = convolved(x, outputs: layer == 4 ? 1 : 32) { tap, input, output in
        parameters[weight(of: layer, tap: tap, input: input, output: output)]
      }
      if layer < 4 { normalise(&x, gains: 2048 + 3 * 9216 + 64 * layer) }
    }
    return x.values.reduce(0, +)
  }

  /// The index of a weight among the parameters. The first layer has its taps among its inputs, the last among its
  /// outputs.
  private func weight(of layer: Int, tap: Int, input: Int, output: Int) -> Int {
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
            let from = x.index(
              sample: sample, channel: input, row: row + tap / 3, column: column + tap % 3)
            y.values[y.index(sample: sample, channel: output, row: row, column: column)] +=
              w * x.values[from]
          }
        }
      }
    }
    return y
  }

  private func normalise(_ x: inout Volume, gains: Int) {
    let area = x.side * x.side
    for channel in 0..<32 {
      let places = (0..<samples).flatMap { sample in
        let first = x.index(sample: sample, channel: channel, row: 0, column: 0)
        return first..<first + area
      }
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
