import Foundation
import Layers
import Numerics
import Testing

/// Every layer against its plain twin in double precision: outputs, and gradients against central differences of the twin.
@Suite("Layers and their gradients")
struct LayerGradientTests {
  let workspace: Workspace

  init() throws { workspace = try Workspace() }

  static let sizes = [
    MapShape(height: 6, width: 7, channels: 3), MapShape(batch: 2, height: 5, width: 4, channels: 5),
    MapShape(height: 9, width: 19, channels: 2),
  ]

  static let forms = [1, 2].flatMap { stride in
    Padding.allCases.map { Convolution.Form.square(stride: stride, padding: $0) }
  }

  @Test(arguments: sizes, forms + [.pointwise])
  func convolutions(_ shape: MapShape, _ form: Convolution.Form) throws {
    for hasBias in [false, true] {
      var random = Philox(key: 7)
      let layer = try Convolution(
        inputs: shape.channels, outputs: 4, form, hasBias: hasBias, in: workspace, using: &random)
      LayerCheck(workspace: workspace) { input, parameters in
        Twins.convolution(input, parameters, outputs: 4, form: form)
      }.run(layer, shape)
    }
  }

  /// More than 16 channels on both sides, and a number of rows that is computed in two parts.
  @Test(arguments: [17, 33])
  func `many channels`(_ inputs: Int) throws {
    let form = Convolution.Form.square(padding: .reflection)
    var random = Philox(key: 8)
    let layer = try Convolution(inputs: inputs, outputs: 72, form, in: workspace, using: &random)
    let shape = MapShape(height: 6, width: 5, channels: inputs)
    let input = Volume(random: shape, key: 3)
    let parameters = layer.parameters.map { $0.values.array.map(Double.init) }
    let expected = Twins.convolution(input, parameters, outputs: 72, form: form)
    let check = LayerCheck(workspace: workspace) { input, _ in input }
    check.compare("output", Volume(layer.forward(input.map(in: workspace))).values, with: expected.values)
    // The map is linear: its gradient is its transpose, <A x, y> = <x, A^T y>.
    let weights = Volume(random: expected.shape, key: 4)
    let gradient = Volume(layer.backward(weights.map(in: workspace)))
    let (outer, inner) = (
      Twins.convolution(input, [parameters[0]], outputs: 72, form: form).dot(weights), gradient.dot(input)
    )
    #expect(abs(outer - inner) < 1e-3 * max(abs(outer), 1))
    let byWeight = zip(layer.weight.gradient.array, parameters[0]).reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(abs(outer - byWeight) < 1e-3 * max(abs(outer), 1))
  }

  @Test(arguments: sizes, [Float(1), 0.2, 0])
  func normalisations(_ shape: MapShape, _ slope: Float) {
    let layer = Normalisation(channels: shape.channels, slope: slope, in: workspace)
    var random = Philox(key: 5)
    for c in 0..<shape.channels {
      layer.gain.values.pointer[c] = Float(random.uniform(in: 0.5..<1.5))
      layer.shift.values.pointer[c] = Float(random.uniform(in: -0.5..<0.5))
    }
    LayerCheck(workspace: workspace) { input, parameters in
      Twins.normalisation(input, parameters, slope: Double(slope))
    }.run(layer, shape)
  }

  @Test(arguments: sizes)
  func activations(_ shape: MapShape) {
    func check(_ function: Activation.Function, _ twin: @escaping (Double) -> Double) {
      LayerCheck(workspace: workspace) { input, _ in input.mapped { twin(10 * $0) } }
        .run(Chain([Scaling(10, workspace), Activation(function, in: workspace)]), shape)
    }
    check(.leaky(slope: 0.2)) { $0 < 0 ? Double(Float(0.2)) * $0 : $0 }
    check(.leaky(slope: 0)) { max($0, 0) }
    check(.relu6) { min(max($0, 0), 6) }
    check(.sigmoid) { 1 / (1 + exp(-$0)) }
    check(.tanh) { tanh($0) }
  }

  @Test(arguments: sizes + [MapShape(height: 1, width: 1, channels: 121)])
  func softmax(_ shape: MapShape) {
    LayerCheck(workspace: workspace) { input, _ in
      var result = input.mapped(exp)
      let c = input.shape.channels
      for pixel in 0..<input.shape.pixels {
        let sum = result.values[pixel * c..<(pixel + 1) * c].reduce(0, +)
        for i in pixel * c..<(pixel + 1) * c { result.values[i] /= sum }
      }
      return result
    }.run(Softmax(in: workspace), shape)
  }

  @Test(arguments: sizes + [MapShape(height: 1, width: 2, channels: 2)], [0, 1])
  func enlargements(_ shape: MapShape, _ cut: Int) {
    let (height, width) = (2 * shape.height - cut, 2 * shape.width - cut)
    LayerCheck(workspace: workspace) { input, _ in
      Twins.enlargement(input, height: height, width: width)
    }.run(Enlarging(BilinearEnlargement(in: workspace), height: height, width: width), shape)
  }

  @Test(arguments: [
    MapShape(height: 3, width: 5, channels: 32), MapShape(batch: 2, height: 2, width: 2, channels: 32),
  ])
  func `non local blocks`(_ shape: MapShape) throws {
    var random = Philox(key: 9)
    let layer = try NonLocal(channels: 32, in: workspace, using: &random)
    let input = Volume(random: shape, key: 1)
    #expect(
      Volume(layer.forward(input.map(in: workspace))).values == input.values, "it does not start as identity")
    for c in 0..<32 { layer.parameters[7].values.pointer[c] = Float(random.uniform(in: 0.5..<1.5)) }
    LayerCheck(workspace: workspace, twin: Twins.nonLocal, tolerance: 1e-3).run(layer, shape)
  }

  /// Every matrix product that the methods' networks ask libxsmm for equals sequential fused multiply-adds, bit for bit, on
  /// this run's instruction set.
  @Test func `every product is sequential`() throws {
    var random = Philox(key: 1)
    for (inputs, scales, channels) in [(3, 5, 128), (8, 3, 96), (4, 2, 64)] {
      let form = Hourglass.Form(inputs: inputs, scales: scales, channels: channels, nonLocal: 1...scales)
      _ = try Hourglass(form, in: workspace, using: &random)
    }
    for (inputs, outputs) in [(200, 1000), (1000, 121), (1000, 441), (3, 32), (32, 32), (32, 1)] {
      _ = try Convolution(inputs: inputs, outputs: outputs, .pointwise, in: workspace, using: &random)
      guard inputs < 64 else { continue }
      _ = try Convolution(
        inputs: inputs, outputs: outputs, .square(padding: .none), in: workspace, using: &random)
    }
    let shapes = MatrixProduct.dispatched
    #expect(shapes.count > 50)
    for shape in shapes { #expect(try MatrixProduct.mismatches(shape) == 0, "\(shape)") }
  }

  /// Other maps in between, whose memory later maps take over, do not show.
  @Test func `equal arguments equal bytes`() throws {
    func run(_ workspace: Workspace) throws -> [UInt32] {
      var random = Philox(key: 3)
      let layer = try Chain([
        Convolution(
          inputs: 3, outputs: 20, .square(padding: .zero), in: workspace, using: &random),
        Normalisation(channels: 20, slope: 0.2, in: workspace),
        Convolution(
          inputs: 20, outputs: 7, .square(stride: 2, padding: .reflection), in: workspace, using: &random),
      ])
      let input = Volume(random: MapShape(batch: 2, height: 13, width: 18, channels: 3), key: 1)
      let output = layer.forward(input.map(in: workspace))
      let gradient = layer.backward(output.copy())
      return [output, gradient].flatMap { $0.values.map(\.bitPattern) }
        + layer.parameters.flatMap { $0.gradient.array.map(\.bitPattern) }
    }
    let fresh = try run(workspace)
    for key in UInt64(0)..<3 {
      let map = workspace.map(MapShape(batch: 2, height: 13, width: 18, channels: key == 0 ? 3 : 20))
      map.values.update(repeating: .nan)
    }
    #expect(try run(workspace) == fresh)
    for unit in VectorUnit.available where unit.instructionSet != workspace.unit.instructionSet {
      #expect(try run(Workspace(unit)) == fresh)
    }
  }
}

/// Factor times the input.
private final class Scaling: Layer {
  let parameters: [Parameter] = []
  private let factor: Float
  private let workspace: Workspace

  init(_ factor: Float, _ workspace: Workspace) { (self.factor, self.workspace) = (factor, workspace) }

  func forward(_ input: Map) -> Map {
    let map = input.copy()
    for i in map.values.indices { map.values[i] *= factor }
    return map
  }

  func backward(_ gradient: Map) -> Map { forward(gradient) }
}

/// An enlargement to a given size as a layer.
private final class Enlarging: Layer {
  let parameters: [Parameter] = []
  private let enlargement: BilinearEnlargement
  private let height: Int, width: Int

  init(_ enlargement: BilinearEnlargement, height: Int, width: Int) {
    (self.enlargement, self.height, self.width) = (enlargement, height, width)
  }

  func forward(_ input: Map) -> Map { enlargement.forward(input, height: height, width: width) }
  func backward(_ gradient: Map) -> Map { enlargement.backward(gradient) }
}
