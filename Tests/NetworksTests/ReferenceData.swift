import Checkpoints
import Foundation
import NaiveTwin
import Networks
import Support

/// The authors' tensors, as inputs and expectations of both implementations.
struct ReferenceData {
  let single: SafeTensors, double: SafeTensors

  init(_ name: String) throws {
    single = try SafeTensors(path: SharedData.reference("\(name)_golden.safetensors").path)
    double = try SafeTensors(path: SharedData.reference("\(name)_golden_f64.safetensors").path)
  }

  static let names = Architecture.paper.layout.entries.map(\.name)
  static let parameterNames = names.filter { !$0.hasSuffix(".u") && !$0.hasSuffix(".v") }

  /// Both networks at a state of this file, such as "official.before_step1".
  func twin(_ prefix: String) throws -> NaiveGAN { try Self.twin(single, prefix + ".") }

  static func twin(_ file: SafeTensors, _ prefix: String = "") throws -> NaiveGAN {
    NaiveGAN(tensors: Dictionary(uniqueKeysWithValues: try names.map { ($0, try file.doubles(prefix + $0)) }))
  }

  static func official() throws -> NaiveGAN {
    try twin(SafeTensors(path: SharedData.reference("official_x2.safetensors").path))
  }

  /// Slice `index` along the first dimension.
  func slice(_ name: String, _ index: Int) throws -> [Double] {
    let all = try single.doubles(name)
    let count = all.count / (try single.tensor(name).shape[0])
    return Array(all[index * count..<(index + 1) * count])
  }

  /// Planes (3, side, side) cut at (top, left), reading around the edges.
  static func cut(_ planes: [Double], side: Int, top: Int, left: Int, size: Int) -> [Double] {
    (0..<3 * size * size).map { i in
      let (c, y, x) = (i / (size * size), i / size % size, i % size)
      return planes[(c * side + (top + y + side) % side) * side + (left + x + side) % side]
    }
  }

  /// Step `index` of the estimation: its 64x64 patch wrapped around by 5.
  func estimationInput(_ index: Int) throws -> NaiveGAN.Input {
    let patch = try slice("patch", index)
    return NaiveGAN.Input(
      regions: Self.cut(patch, side: 64, top: -5, left: -5, size: 73),
      real: Self.cut(patch, side: 64, top: 0, left: 0, size: 32),
      noiseReal: try slice("noise_real", index).map { $0 / 255 },
      noiseFake: try slice("noise_fake", index).map { $0 / 255 })
  }

  /// What `real` is in a task: a crop of the LR image, or (meta-evaluations only) of the LR image degraded again.
  enum Real: String { case lr, gtson }

  /// Step or meta-evaluation `index` of the task; `prefix` is "" or "meta_".
  func taskInput(_ index: Int, prefix: String = "", real: Real = .lr) throws -> NaiveGAN.Input {
    let dad = try single.doubles("lr_dad")
    let yx = try single.integers(prefix + "crop_output_yx")
    let (y, x) = (yx[2 * index], yx[2 * index + 1])
    let realPatch =
      real == .lr
      ? Self.cut(dad, side: 96, top: 2 * y, left: 2 * x, size: 32)
      : Self.cut(try single.doubles("lr_son"), side: 48, top: y, left: x, size: 32)
    return NaiveGAN.Input(
      regions: Self.cut(dad, side: 96, top: 2 * y - 5, left: 2 * x - 5, size: 73), real: realPatch,
      noiseReal: try slice(prefix + "noise_real", index).map { $0 / 255 },
      noiseFake: try slice(prefix + "noise_fake", index).map { $0 / 255 })
  }
}

/// Norm of the difference over norm of the value.
func relativeError(_ value: [Double], _ expected: [Double]) -> Double {
  guard value.count == expected.count else { return .infinity }
  let error = zip(value, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let norm = expected.reduce(0) { $0 + $1 * $1 }
  return norm == 0 ? error.squareRoot() : (error / norm).squareRoot()
}

/// How far a gradient is off, as a fraction of what is allowed. Those that are zero or nearly so in exact arithmetic
/// have scales of their own: biases 1 to 6, which batch norm removes, are compared in absolute terms; bias 7 against
/// the gradient of weight 7.
func gradientExcess(
  _ value: NaiveGAN.Gradient, _ expected: NaiveGAN.Gradient, relative: Double, absoluteForBiases: Double
) -> (name: String, excess: Double) {
  var worst = (name: "", excess: 0.0)
  for name in ReferenceData.parameterNames {
    let a = value[name, default: []]
    let b = expected[name, default: []]
    let excess: Double
    if name.hasSuffix("conv7.bias") {
      let scale = expected["discriminator.conv7.weight", default: []].reduce(0) { $0 + $1 * $1 }.squareRoot()
      excess = a.count == 1 ? abs(a[0] - b[0]) / scale / relative : .infinity
    } else if name.contains("discriminator.conv"), name.hasSuffix("bias") {
      excess = a.count == 64 ? (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / absoluteForBiases : .infinity
    } else {
      excess = relativeError(a, b) / relative
    }
    if excess > worst.excess { worst = (name, excess) }
  }
  return worst
}
