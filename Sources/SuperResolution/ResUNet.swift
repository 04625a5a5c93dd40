import CLoops
import Numerics

/// USRNet's prior, a U-shaped network of residual blocks that takes the noise off a picture (Zhang, Van Gool, Timofte
/// 2020, fig. 2): four levels, each half the size of the one above. A workspace for pictures of one size.
///
/// A residual block runs in place and four rows at a time, its second convolution one band behind its first, so that
/// between them only twelve rows are kept. What the first level hands over to the last convolution is computed again
/// there, one per cent of the work for the largest of all maps. Memory is 184 bytes a pixel.
package final class ResUNet {
  private let weights: USRNetWeights
  private let width: Int, height: Int
  private let unit: VectorUnit
  /// Colours and noise level, (height, width, 4), both sides multiples of 8.
  private let input: FeatureMap
  private let head: HeadConvolution
  private let levels: [Level]
  private let halving: [DownConvolution], doubling: [UpConvolution]
  private let last: FeatureMap

  /// One level's maps, and those that it hands over from the way down to the way up; the first hands over none.
  private struct Level {
    let map: FeatureMap
    let kept: FeatureMap?
    let between: FeatureMap
    let winograd: Winograd
  }

  /// - Throws: `SuperResolutionError.numerics` where there is no vector unit.
  package convenience init(_ weights: USRNetWeights, width: Int, height: Int) throws(SuperResolutionError) {
    do { try self.init(of: weights, width: width, height: height) } catch { throw .numerics("\(error)") }
  }

  private init(of weights: USRNetWeights, width: Int, height: Int) throws(NumericsError) {
    (self.weights, self.width, self.height) = (weights, width, height)
    unit = try VectorUnit.current()
    let (w, h) = ((width + 7) / 8 * 8, (height + 7) / 8 * 8)
    let channels = USRNetWeights.channels
    input = FeatureMap(width: w, height: h, channels: 4)
    head = try HeadConvolution(width: w)
    last = FeatureMap(width: w, height: h, channels: channels[0], slots: 4)
    var levels: [Level] = []
    var halving: [DownConvolution] = []
    var doubling: [UpConvolution] = []
    for (level, count) in channels.enumerated() {
      let map = { FeatureMap(width: w >> level, height: h >> level, channels: count, slots: $0) }
      levels.append(
        Level(
          map: map(nil), kept: level == 0 ? nil : map(nil), between: map(12),
          winograd: try Winograd(channels: count, unit)))
      if level == 0 { continue }
      let above = channels[level - 1]
      halving.append(try DownConvolution(width: w >> level, inputs: above, outputs: count))
      doubling.append(try UpConvolution(width: w >> level, inputs: count, outputs: above))
    }
    (self.levels, self.halving, self.doubling) = (levels, halving, doubling)
  }

  /// Replaces the picture by the network's answer.
  /// - Parameter noise: beta.
  package func run(_ picture: Planes, noise: Float) { run(picture, noise: noise, check: {}) }

  /// As `run(_:noise:)`.
  /// - Parameter check: called before each band of a residual block; what it throws ends the work.
  func run<Stop: Error>(_ picture: Planes, noise: Float, check: () throws(Stop) -> Void) throws(Stop) {
    load(picture, noise)
    head.run(weights.head, from: input, to: levels[0].map, adding: false)
    for level in 0..<3 {
      try run(weights.down[level], levels[level], check: check)
      halving[level].run(weights.halving[level], from: levels[level].map, to: levels[level + 1].map)
      levels[level + 1].kept?.load(levels[level + 1].map)
    }
    try run(weights.body, levels[3], check: check)
    for level in (0..<3).reversed() {
      let below = levels[level + 1]
      if let kept = below.kept { below.map.add(kept, unit) }
      doubling[level].run(weights.doubling[level], from: below.map, to: levels[level].map)
      try run(weights.up[level], levels[level], check: check)
    }
    head.run(weights.head, from: input, to: levels[0].map, adding: true)
    try check()
    runTail(into: picture)
  }

  private func run<Stop: Error>(
    _ blocks: [ResidualBlock], _ level: Level, check: () throws(Stop) -> Void
  ) throws(Stop) {
    for block in blocks {
      try level.winograd.run(block, on: level.map, between: level.between, check: check)
    }
  }

  private func runTail(into picture: Planes) {
    for y in 0..<height {
      if y % 4 == 0 {
        levels[0].winograd.run(
          weights.tail, band: y / 4, from: levels[0].map, to: last, ending: CKERNELS_STORE)
      }
      let row = last.row(y)
      for channel in 0..<3 {
        let target = picture.plane(channel) + y * width
        for x in 0..<width { target[x] = row[last.channels * x + channel] }
      }
    }
  }

  /// Beyond the picture, up to multiples of 8, its last row and column go on.
  private func load(_ picture: Planes, _ noise: Float) {
    for y in 0..<input.height {
      let row = input.row(y)
      for channel in 0..<3 {
        let source = picture.plane(channel) + min(y, height - 1) * width
        for x in 0..<input.width { row[4 * x + channel] = source[min(x, width - 1)] }
      }
      for x in 0..<input.width { row[4 * x + 3] = noise }
    }
  }
}
