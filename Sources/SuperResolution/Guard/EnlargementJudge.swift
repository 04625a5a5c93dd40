import Checkpoints
import Foundation
import Numerics
import Platform

/// How a picture may be enlarged.
enum EnlargingWay: Int, CaseIterable {
  /// With the level of its white noise.
  case plain
  /// With the noise level of a picture that a camera has processed, which is higher.
  case smooth
}

/// What the judge says of a part of a picture.
struct Opinion {
  /// By way: how far the network's result can be trusted, 0 to 1.
  let trusts: [Double]
  /// By way: how clearly it is the best, summing to 1.
  let preferences: [Double]
}

/// A small network that was taught on pictures whose originals were known: how far an enlarged picture can be trusted, from
/// what the given picture and its kernel's standing show. `scripts/fit-judge` makes its weights.
package struct EnlargementJudge: Sendable {
  /// Standardised features are kept within this many deviations, so that pictures unlike those it was taught on do not lead
  /// it astray.
  private static let reach: Float = 3
  private static let ways = EnlargingWay.allCases.count
  static let inputs = 51
  private static let hidden = 24

  /// (inputs): of the features that it was taught on.
  private let mean, deviation: [Float]
  /// (hidden, inputs), (hidden)
  private let first: (weight: [Float], bias: [Float])
  /// (2 ways, hidden), (2 ways): trusts, then preferences.
  private let second: (weight: [Float], bias: [Float])

  /// The project's own, read once.
  private static let kept = Result { () throws(SuperResolutionError) in
    try EnlargementJudge(
      path: ProgramFolder.resources(of: "SuperResolution").appending(path: "Weights/judge.safetensors").path)
  }

  /// - Throws: `SuperResolutionError.judge` where the program was moved away from its weights.
  static func shipped() throws(SuperResolutionError) -> EnlargementJudge { try kept.get() }

  /// - Throws: `SuperResolutionError.judge`.
  package init(path: String) throws(SuperResolutionError) {
    let file: Checkpoint
    do { file = try Checkpoint(path: path, expecting: Self.layout) } catch {
      throw .judge(reason: "\(error)")
    }
    (mean, deviation) = (file.values("mean"), file.values("deviation"))
    first = (file.values("hidden.weight"), file.values("hidden.bias"))
    second = (file.values("output.weight"), file.values("output.bias"))
  }

  private static let layout = [
    ("mean", [inputs]), ("deviation", [inputs]), ("hidden.weight", [hidden, inputs]),
    ("hidden.bias", [hidden]),
    ("output.weight", [2 * ways, hidden]), ("output.bias", [2 * ways]),
  ]

  /// - Parameter features: as `JudgedPicture.features`.
  func opinion(_ features: [Double]) -> Opinion {
    precondition(features.count == Self.inputs, "\(features.count) features, \(Self.inputs) expected")
    let inputs = features.indices.map { index in
      let standard = (Float(features[index]) - mean[index]) / deviation[index]
      return standard.isNaN ? 0 : min(max(standard, -Self.reach), Self.reach)
    }
    let hidden = Self.dense(inputs, first).map { $0 / (1 + abs($0)) }
    let outputs = Self.dense(hidden, second).map(Double.init)
    return Opinion(
      trusts: outputs.prefix(Self.ways).map(Self.trust), preferences: Self.shares(outputs.suffix(Self.ways)))
  }

  private static func dense(_ inputs: [Float], _ layer: (weight: [Float], bias: [Float])) -> [Float] {
    layer.bias.indices.map { unit in
      inputs.indices.reduce(layer.bias[unit]) { $0 + layer.weight[unit * inputs.count + $1] * inputs[$1] }
    }
  }

  /// A logistic function whose ends are reached.
  private static func trust(_ value: Double) -> Double {
    min(max(1.06 / (1 + Elementary.exponential(-value)) - 0.03, 0), 1)
  }

  /// Exponentials in shares of their sum.
  private static func shares(_ values: ArraySlice<Double>) -> [Double] {
    let largest = values.max() ?? 0
    let exponentials = values.map { Elementary.exponential($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
