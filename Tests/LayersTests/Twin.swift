import Layers
import Numerics
import Testing

/// A map in double precision, (batch, height, width, channels) without unused channels: what the plain twins of the layers
/// compute with.
struct Volume {
  let shape: MapShape
  var values: [Double]

  init(_ shape: MapShape, _ values: [Double]? = nil) {
    self.shape = shape
    self.values = values ?? Array(repeating: 0, count: shape.pixels * shape.channels)
  }

  /// Uniform on -1 ... 1, exact in single precision.
  init(random shape: MapShape, key: UInt64) {
    var random = Philox(key: key)
    self.init(
      shape, (0..<shape.pixels * shape.channels).map { _ in Double(Float(random.uniform(in: -1..<1))) })
  }

  init(_ map: Map) {
    self.init(map.shape)
    for pixel in 0..<shape.pixels {
      for c in 0..<shape.channels {
        values[pixel * shape.channels + c] = Double(map.pointer[pixel * shape.stored + c])
      }
    }
  }

  subscript(picture: Int, y: Int, x: Int, c: Int) -> Double {
    get { values[((picture * shape.height + y) * shape.width + x) * shape.channels + c] }
    set { values[((picture * shape.height + y) * shape.width + x) * shape.channels + c] = newValue }
  }

  /// The same values for the layers, with zeros in unused channels.
  func map(in workspace: Workspace) -> Map {
    let map = workspace.zeros(shape)
    for pixel in 0..<shape.pixels {
      for c in 0..<shape.channels {
        map.pointer[pixel * shape.stored + c] = Float(values[pixel * shape.channels + c])
      }
    }
    return map
  }

  func dot(_ other: Volume) -> Double { zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 } }

  func mapped(_ function: (Double) -> Double) -> Volume { Volume(shape, values.map(function)) }

  static func + (a: Volume, b: Volume) -> Volume { Volume(a.shape, zip(a.values, b.values).map(+)) }
}

/// Holds a layer to its twin: outputs to the twin's, gradients to central differences of the twin.
struct LayerCheck {
  /// Parameters as the layer stores them, in its order.
  typealias Twin = (_ input: Volume, _ parameters: [[Double]]) -> Volume

  let workspace: Workspace
  let twin: Twin
  /// What values of about 1 may differ by, with some hundred terms in single precision.
  var tolerance = 2e-4

  func run(_ layer: any Layer, _ shape: MapShape, key: UInt64 = 1) {
    let input = Volume(random: shape, key: key)
    let parameters = layer.parameters.map { $0.values.array.map(Double.init) }
    for parameter in layer.parameters { parameter.gradient.clear() }
    let map = input.map(in: workspace)
    let output = layer.forward(map)
    let expected = twin(input, parameters)
    #expect(output.shape == expected.shape)
    compare("output", Volume(output).values, with: expected.values)
    let weights = Volume(random: expected.shape, key: key + 1)
    let gradient = layer.backward(weights.map(in: workspace))
    #expect(Volume(map).values == input.values, "a layer changed its input")
    compare(
      "input", Volume(gradient).values,
      with: slopes(input.values) { twin(Volume(shape, $0), parameters).dot(weights) })
    for (number, parameter) in layer.parameters.enumerated() {
      let expected = slopes(parameters[number]) { changed in
        var all = parameters
        all[number] = changed
        return twin(input, all).dot(weights)
      }
      compare("parameter \(number)", parameter.gradient.array.map(Double.init), with: expected)
    }
    expectZeros(beyond: output)
    expectZeros(beyond: gradient)
  }

  private func slopes(_ values: [Double], _ function: ([Double]) -> Double) -> [Double] {
    let step = 1e-5
    var changed = values
    return values.indices.map { i in
      changed[i] = values[i] + step
      let above = function(changed)
      changed[i] = values[i] - step
      defer { changed[i] = values[i] }
      return (above - function(changed)) / (2 * step)
    }
  }

  func compare(_ name: String, _ found: [Double], with expected: [Double]) {
    #expect(found.count == expected.count)
    let scale = max(expected.map(abs).max() ?? 0, 1)
    let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst.isFinite && worst <= tolerance * scale, "\(name): \(worst) of \(scale)")
  }

  private func expectZeros(beyond map: Map) {
    let shape = map.shape
    for pixel in 0..<shape.pixels {
      for c in shape.channels..<shape.stored where map.pointer[pixel * shape.stored + c] != 0 {
        Issue.record("unused channel \(c) is not 0")
        return
      }
    }
  }
}
