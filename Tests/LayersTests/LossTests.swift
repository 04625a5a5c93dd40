import Foundation
import Layers
import Numerics
import Testing

/// Losses, blurs and whole networks against differences in double precision.
@Suite("Losses and their gradients")
struct LossTests {
  let workspace: Workspace

  init() throws { workspace = try Workspace() }

  static func raster(_ height: Int, _ width: Int, key: UInt64) -> Raster {
    var random = Philox(key: key)
    let raster = Raster(height: height, width: width)
    for i in raster.values.indices { raster.pointer[i] = Float(random.uniform()) }
    return raster
  }

  /// Compares `gradient` with central differences of `function` by every value of `start`.
  func expectSlopes(
    _ gradient: [Float], at start: [Float], step: Double = 1e-5, tolerance: Double = 1e-3,
    _ function: ([Double]) -> Double
  ) {
    var values = start.map(Double.init)
    let expected = values.indices.map { i in
      let value = values[i]
      values[i] = value + step
      let above = function(values)
      values[i] = value - step
      defer { values[i] = value }
      return (above - function(values)) / (2 * step)
    }
    let scale = expected.map(abs).max() ?? 0
    let worst = zip(gradient, expected).map { abs(Double($0) - $1) }.max() ?? 0
    #expect(worst <= tolerance * scale, "\(worst) of \(scale)")
  }

  @Test(arguments: [(11, 11), (14, 17)])
  func dissimilarity(_ height: Int, _ width: Int) {
    let (picture, target) = (Self.raster(height, width, key: 1), Self.raster(height, width, key: 2))
    let loss = Dissimilarity(workspace.unit)(picture, target)
    let other = target.values.map(Double.init)
    func twin(_ values: [Double]) -> Double {
      Self.dissimilarity(values, other, height: height, width: width)
    }
    #expect(abs(loss.value - twin(picture.values.map(Double.init))) < 1e-5)
    expectSlopes(Array(loss.gradient.values), at: Array(picture.values), twin)
    let same = Dissimilarity(workspace.unit)(target, target)
    #expect(abs(same.value) < 1e-5)
  }

  /// The dissimilarity by its definition, window by window.
  static func dissimilarity(_ x: [Double], _ y: [Double], height: Int, width: Int) -> Double {
    let line = (-5...5).map { exp(-Double($0 * $0) / 4.5) }
    let total = line.reduce(0, +)
    var (sum, count) = (0.0, 0)
    for channel in 0..<3 {
      for top in 0...height - 11 {
        for left in 0...width - 11 {
          var m = (x: 0.0, y: 0.0, xx: 0.0, yy: 0.0, xy: 0.0)
          for place in 0..<121 {
            let i = (channel * height + top + place / 11) * width + left + place % 11
            let w = line[place / 11] * line[place % 11] / (total * total)
            m = (
              m.x + w * x[i], m.y + w * y[i], m.xx + w * x[i] * x[i], m.yy + w * y[i] * y[i],
              m.xy + w * x[i] * y[i]
            )
          }
          let (vx, vy, both) = (m.xx - m.x * m.x, m.yy - m.y * m.y, m.xy - m.x * m.y)
          sum +=
            (2 * m.x * m.y + 1e-4) * (2 * both + 9e-4)
            / ((m.x * m.x + m.y * m.y + 1e-4) * (vx + vy + 9e-4))
          count += 1
        }
      }
    }
    return 1 - sum / Double(count)
  }

  @Test func `squared differences`() {
    let (picture, target) = (Self.raster(5, 6, key: 1), Self.raster(5, 6, key: 2))
    let weight = Self.raster(5, 6, key: 3)
    let difference = SquaredDifference(workspace.unit)
    func twin(_ values: [Double], _ factor: (Int) -> Double) -> Double {
      values.indices.reduce(0) { sum, i in
        let d = values[i] - Double(target.pointer[i])
        return sum + factor(i) * d * d / Double(values.count)
      }
    }
    let mean = difference.mean(picture, target)
    #expect(abs(mean.value - twin(picture.values.map(Double.init)) { _ in 1 }) < 1e-6)
    expectSlopes(Array(mean.gradient.values), at: Array(picture.values)) { twin($0) { _ in 1 } }
    let weighted = difference.weighted(picture, target, by: weight)
    expectSlopes(Array(weighted.gradient.values), at: Array(picture.values)) {
      twin($0) { 0.5 * Double(weight.pointer[$0]) }
    }
  }

  @Test func `sparse gradients`() {
    let picture = Self.raster(5, 6, key: 1)
    let gradient = Raster(height: 5, width: 6)
    let sum = SparseGradients(workspace)(picture, weight: 3, gradient: gradient)
    func twin(_ values: [Double]) -> Double {
      var sum = 0.0
      for channel in 0..<3 {
        for y in 0..<5 {
          for x in 0..<6 {
            for (down, right) in [(0, 1), (1, 0), (1, 1), (1, -1)] {
              guard y + down < 5, (0..<6).contains(x + right) else { continue }
              let i = (channel * 5 + y) * 6 + x
              let d = values[i] - values[i + 6 * down + right]
              sum += pow(d * d + 1e-6, 0.335)
            }
          }
        }
      }
      return sum
    }
    #expect(abs(sum - twin(picture.values.map(Double.init))) < 1e-4 * sum)
    expectSlopes(Array(gradient.values), at: Array(picture.values), step: 1e-7) { 3 * twin($0) }
  }

  @Test(arguments: [(2, 5), (4, 3), (1, 7)], [Blurring.Border.circular, .reflection])
  func blurs(_ form: (scale: Int, side: Int), _ border: Blurring.Border) {
    let (scale, side) = form
    let (height, width) = (4, 5)
    let picture = Self.raster(scale * height, scale * width, key: 1)
    let weights = Self.raster(height, width, key: 2)
    var random = Philox(key: 3)
    let kernel = (0..<side * side).map { _ in Float(random.uniform()) }
    let blurring = Blurring(
      side: side, scale: scale, height: height, width: width, border: border, workspace.unit)
    func place(_ i: Int, _ n: Int) -> Int {
      if (0..<n).contains(i) { return i }
      return border == .circular ? (i + n) % n : i < 0 ? -i : 2 * n - 2 - i
    }
    func twin(_ values: [Double], _ kernel: [Double]) -> [Double] {
      (0..<3 * height * width).map { i in
        let (channel, y, x) = (i / (height * width), i / width % height, i % width)
        return (0..<side * side).reduce(0) { sum, tap in
          let row = place(scale * y + tap / side - side / 2, scale * height)
          let column = place(scale * x + tap % side - side / 2, scale * width)
          return sum + kernel[tap] * values[(channel * scale * height + row) * scale * width + column]
        }
      }
    }
    func dot(_ values: [Double]) -> Double {
      values.enumerated().reduce(0) { $0 + Double(weights.pointer[$1.offset]) * $1.element }
    }
    let (start, taps) = (picture.values.map(Double.init), kernel.map(Double.init))
    let result = blurring.forward(picture, kernel)
    for (a, b) in zip(result.values, twin(start, taps)) { #expect(abs(Double(a) - b) < 1e-4) }
    let slopes = blurring.backward(weights, kernel)
    expectSlopes(Array(slopes.picture.values), at: Array(picture.values)) { dot(twin($0, taps)) }
    expectSlopes(slopes.kernel.array, at: kernel) { dot(twin(start, $0)) }
  }

  /// A whole hourglass in single precision: its gradient predicts what a small step along it changes. Odd sizes, and one
  /// non-local block that is more than the identity.
  @Test func `hourglass slopes`() throws {
    var random = Philox(key: 1)
    let form = Hourglass.Form(inputs: 5, scales: 2, channels: 32, nonLocal: 2...2)
    let network = try Hourglass(form, in: workspace, using: &random)
    for parameter in network.parameters where parameter.values.array.allSatisfy({ $0 == 0 }) {
      for i in 0..<parameter.count { parameter.values.pointer[i] = Float(random.uniform(in: -0.1..<0.1)) }
    }
    let input = Volume(random: MapShape(height: 21, width: 26, channels: 5), key: 2).map(in: workspace)
    let weights = Volume(random: MapShape(height: 21, width: 26, channels: 3), key: 3)
    func value() -> Double { Volume(network.forward(input)).dot(weights) }
    for parameter in network.parameters { parameter.gradient.clear() }
    let output = network.forward(input)
    #expect(output.shape == weights.shape)
    let byInput = network.backward(weights.map(in: workspace))
    #expect(byInput.shape == input.shape)
    let all = network.parameters.map { ($0.values, $0.gradient) }
    let squares = all.reduce(0.0) { $0 + $1.1.array.reduce(0) { $0 + Double($1) * Double($1) } }
    let size = 0.002 / squares.squareRoot()
    func moved(_ factor: Double) -> Double {
      let before = all.map(\.0.array)
      defer { for (pair, values) in zip(all, before) { pair.0.load(values) } }
      for (values, gradient) in all {
        for i in 0..<values.count { values.pointer[i] += Float(factor * size) * gradient.pointer[i] }
      }
      return value()
    }
    let slope = (moved(1) - moved(-1)) / (2 * size)
    #expect(abs(slope / squares - 1) < 0.02, "\(slope) in place of \(squares)")
  }
}
