import BlurKernels
import Foresight
import Foundation
import Numerics
import Testing

@Suite("Gradients of the predicted kernel")
struct GradientTests {
  @Test func `outputs of a covariance give it back`() {
    let covariance = BlurKernel.Covariance(xx: 2.5, xy: -1.87, yy: 2.3)
    let back = GaussianShape(GaussianShape.outputs(of: covariance)).covariance
    #expect(abs(back.xx - 2.5) < 1e-5 && abs(back.xy + 1.87) < 1e-5 && abs(back.yy - 2.3) < 1e-5)
  }

  /// The kernel that training sees is the paper's but for its spline's last digits.
  @Test func `training sees the paper's kernel`() {
    let covariance = BlurKernel.Covariance(xx: 2, xy: 0.5, yy: 1.2)
    let near = GaussianShape(GaussianShape.outputs(of: covariance)).kernel()
    let exact = BlurKernel.anisotropicGaussian(covariance).values
    for (a, b) in zip(near, exact) { #expect(abs(a - b) < 2e-4) }
  }

  /// Whatever the outputs, a kernel that sums to one comes of them.
  @Test func `any outputs are a kernel`() {
    for value: Float in [-1e9, -30, 0, 30, 1e9] {
      for other: Float in [-1e9, 0, 1e9] {
        let kernel = GaussianShape([value, other, -value]).kernel()
        #expect(kernel.allSatisfy(\.isFinite) && abs(kernel.reduce(0, +) - 1) < 1e-9)
      }
    }
  }

  /// As if the training set's spectra had deviation 1.
  private static func standardise(_ parameters: PredictionParameters) {
    for entry in PredictionParameters.layout.entries where entry.name.hasSuffix("deviation") {
      parameters[entry.name].update(repeating: 1, count: entry.count)
    }
  }

  /// What a training of this seed begins with: a prediction network's weights are drawn after those of the generator and
  /// the discriminator, its constants after their vectors u and v.
  private static func parameters(_ seed: UInt64) -> PredictionParameters {
    let key = Philox.key(seed, .initialisation)
    let (weights, vectors) = (115_457, 916)
    let parameters = PredictionParameters()
    var random = Philox(key: key, at: UInt64(weights))
    parameters.drawTrained(&random)
    random = Philox(key: key, at: UInt64(weights + PredictionParameters.trainedCount + vectors))
    parameters.drawConstants(&random)
    return parameters
  }

  /// Every tensor's weights, from single tiles to the outputs, which are weighed at random. The network is piecewise
  /// linear but for the tiles' weights; in single precision a step of 1e-2 leaves differences of some 1e-4.
  @Test(arguments: [(0.0, 70), (0.3, 32), (0.3, 1)]) func network(dropout: Double, tiles: Int) throws {
    let parameters = Self.parameters(5)
    Self.standardise(parameters)
    let network = try PredictionNetwork()
    var random = Philox(key: 2)
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.uniform(in: -1..<1)) } }
    let features = draw(PowerSpectrum.count)
    let logarithms = draw(tiles * PowerSpectrum.frequencies)
    let weights = draw(PredictedGaussian.outputs)
    // So that scores differ, and with them the tiles' weights.
    let attention = parameters["conditioning.attention"]
    for i in 0..<TileNetwork.heads * TileNetwork.outputs { attention[i] *= 10 }
    func run() -> (value: Double, pool: TileNetwork.Pool) {
      network.prepare(parameters)
      let pool = network.pool(logarithms, count: tiles, parameters)
      let outputs = network.forward(features, pool, with: parameters, dropout: (dropout, Philox(key: 7)))
      return (zip(outputs, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }, pool)
    }
    let gradient = FloatBuffer(PredictionParameters.trainedCount)
    network.backward(weights, run().pool, with: parameters, addingTo: gradient.pointer)
    for entry in PredictionParameters.trainedEntries {
      let found = (gradient.pointer + entry.offset)
      // The largest slope of the tensor, and some others.
      let largest = (0..<entry.count).max { abs(found[$0]) < abs(found[$1]) } ?? 0
      for index in [0, largest, entry.count / 2, entry.count - 1] {
        let place = parameters.buffer.pointer + entry.offset + index
        let before = place.pointee
        place.pointee = before + 1e-2
        let up = run().value
        place.pointee = before - 1e-2
        let down = run().value
        place.pointee = before
        let expected = (up - down) / 2e-2
        #expect(abs(Double(found[index]) - expected) < 2e-3 + 0.02 * abs(expected), "\(entry.name) \(index)")
      }
    }
    #expect(
      tiles == 1
        || PredictionParameters.layout["conditioning.attention"].map { gradient.pointer[$0.offset] } != 0)
  }

  /// Batches of tiles add up to what all give together.
  @Test func `pools add up`() throws {
    let parameters = PredictionParameters(freshFrom: 6)
    Self.standardise(parameters)
    let network = try PredictionNetwork()
    var random = Philox(key: 3)
    let (tiles, width) = (100, PowerSpectrum.frequencies)
    let logarithms = (0..<tiles * width).map { _ in Float(random.uniform(in: -3..<3)) }
    network.prepare(parameters)
    var sum = TileNetwork.Pool()
    for batch in [0..<40, 40..<99, 99..<100] {
      sum += network.pool(
        Array(logarithms[batch.lowerBound * width..<batch.upperBound * width]), count: batch.count, parameters
      )
    }
    let features = [Float](repeating: 0, count: PowerSpectrum.count)
    let apart = network.forward(features, sum, with: parameters)
    let together = network.forward(
      features, network.pool(logarithms, count: tiles, parameters), with: parameters)
    for (a, b) in zip(apart, together) { #expect(abs(a - b) < 1e-5) }
  }

  /// Quantile regression settles where nine in ten outcomes are below.
  @Test func `bounds settle at their quantiles`() {
    var outputs: [Float] = [0, 0, 0, 0, 0]
    var random = Philox(key: 1)
    for round in 0..<20_000 {
      let outcome = random.uniform()
      let slope = PredictedGaussian(outputs).boundsBackward(
        covarianceDistance: outcome, squaredDifferences: outcome * outcome)
      let rate = Float(0.3 / (1 + Double(round) / 50))
      outputs[3] -= rate * slope[0]
      outputs[4] -= rate * slope[1]
    }
    // Of outcomes uniform on [0, 1].
    #expect(abs(PredictedGaussian(outputs).covarianceBound - 0.9) < 0.03)
    #expect(abs(PredictedGaussian(outputs).typicalDifference - 0.5) < 0.03)
  }
}
