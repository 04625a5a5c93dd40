import Checkpoints
import SuperResolution

/// USRNet's prior in plain double precision, as the paper and PyTorch define its layers: what `ResUNet` is held to.
struct NaivePrior {
  /// (channels, height, width)
  struct Map {
    let channels: Int, height: Int, width: Int
    var values: [Double]

    init(channels: Int, height: Int, width: Int) {
      (self.channels, self.height, self.width) = (channels, height, width)
      values = Array(repeating: 0, count: channels * height * width)
    }

    /// Zero outside.
    subscript(channel: Int, row: Int, column: Int) -> Double {
      get {
        let isInside = (0..<height).contains(row) && (0..<width).contains(column)
        return isInside ? values[(channel * height + row) * width + column] : 0
      }
      set { values[(channel * height + row) * width + column] = newValue }
    }

    static func + (a: Map, b: Map) -> Map {
      var sum = a
      for index in a.values.indices { sum.values[index] += b.values[index] }
      return sum
    }
  }

  let file: SafeTensors

  /// - Parameter input: 4 channels, colours and noise level.
  func run(_ input: Map) throws -> Map {
    let padded = Self.padded(input)
    let x1 = try convolution("p.m_head", padded, pad: 1)
    let x2 = try down("p.m_down1", x1)
    let x3 = try down("p.m_down2", x2)
    let x4 = try down("p.m_down3", x3)
    var x = try block("p.m_body.1", block("p.m_body.0", x4))
    x = try up("p.m_up3", x + x4)
    x = try up("p.m_up2", x + x3)
    x = try up("p.m_up1", x + x2)
    return try convolution("p.m_tail", x + x1, pad: 1)
  }

  /// Sides to multiples of 8 by repeating the last row and column.
  private static func padded(_ input: Map) -> Map {
    var map = Map(
      channels: input.channels, height: (input.height + 7) / 8 * 8, width: (input.width + 7) / 8 * 8)
    for channel in 0..<map.channels {
      for row in 0..<map.height {
        for column in 0..<map.width {
          map[channel, row, column] = input[channel, min(row, input.height - 1), min(column, input.width - 1)]
        }
      }
    }
    return map
  }

  private func down(_ name: String, _ x: Map) throws -> Map {
    try convolution("\(name).2", block("\(name).1", block("\(name).0", x)), stride: 2)
  }

  private func up(_ name: String, _ x: Map) throws -> Map {
    try block("\(name).2", block("\(name).1", transposedConvolution("\(name).0", x)))
  }

  private func block(_ name: String, _ x: Map) throws -> Map {
    var inner = try convolution("\(name).res.0", x, pad: 1)
    inner.values = inner.values.map { max($0, 0) }
    return try x + convolution("\(name).res.2", inner, pad: 1)
  }

  /// Weights (outputs, inputs, side, side).
  private func convolution(_ name: String, _ x: Map, pad: Int = 0, stride: Int = 1) throws -> Map {
    let weight = try file.doubles(name + ".weight")
    let shape = try file.tensor(name + ".weight").shape
    let side = shape[2]
    var result = Map(channels: shape[0], height: x.height / stride, width: x.width / stride)
    for index in weight.indices {
      let (output, input) = (index / (side * side * shape[1]), index / (side * side) % shape[1])
      let (a, b) = (index / side % side, index % side)
      for row in 0..<result.height {
        for column in 0..<result.width {
          result[output, row, column] +=
            weight[index] * x[input, stride * row + a - pad, stride * column + b - pad]
        }
      }
    }
    return result
  }

  /// Weights (inputs, outputs, 2, 2), stride 2.
  private func transposedConvolution(_ name: String, _ x: Map) throws -> Map {
    let weight = try file.doubles(name + ".weight")
    let outputs = try file.tensor(name + ".weight").shape[1]
    var result = Map(channels: outputs, height: 2 * x.height, width: 2 * x.width)
    for index in weight.indices {
      let (input, output) = (index / 4 / outputs, index / 4 % outputs)
      for row in 0..<x.height {
        for column in 0..<x.width {
          result[output, 2 * row + index / 2 % 2, 2 * column + index % 2] +=
            weight[index] * x[input, row, column]
        }
      }
    }
    return result
  }
}
