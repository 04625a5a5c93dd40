import BlurKernels
import Checkpoints
import Foundation

/// The enlarger in plain double precision with dense matrices, as docs/model-card.md defines it: what `UnfoldedEnlarger`
/// is held to. For pictures of some dozens of pixels.
struct NaiveEnlarger {
  typealias Map = NaivePrior.Map
  let file: SafeTensors
  let kernel: BlurKernel
  let scale: Int

  /// - Parameters:
  ///   - picture: three channels in [0, 1].
  ///   - noise: standard deviation in the same unit.
  func run(_ picture: Map, noise: Double) throws -> Map {
    var large = bicubic(picture)
    var features: Map?
    for stage in ["stage1", "stage2"] {
      dataStep(&large, picture, alpha: try alpha(stage, noise))
      var input = folded(large).values + picture.values
      input += [Double](repeating: 10 * noise, count: picture.width * picture.height)
      input += features?.values ?? []
      var map = Map(
        channels: input.count / (picture.width * picture.height), height: picture.height, width: picture.width
      )
      map.values = input
      map = try convolution("\(stage).head", map)
      for block in 1...5 {
        var inner = try convolution("\(stage).block\(block).first", map)
        inner.values = inner.values.map { max($0, 0) }
        map = map + (try convolution("\(stage).block\(block).second", inner))
      }
      features = map
      large = large + unfolded(try convolution("\(stage).tail", map))
    }
    return large
  }

  private func alpha(_ stage: String, _ noise: Double) throws -> Double {
    func values(_ part: String) throws -> [Double] {
      try file.floats("\(stage).alpha.\(part)").map(Double.init)
    }
    let (first, bias) = (try values("first.weight"), try values("first.bias"))
    let hidden = zip(first, bias).map { max($0 * (log(noise + 0.001) + 4) + $1, 0) }
    let sum = try zip(values("second.weight"), hidden).reduce(0.0) { $0 + $1.0 * $1.1 }
    return exp(sum + (try values("second.bias"))[0]) + noise * noise / 2 + 1e-6
  }

  private func convolution(_ name: String, _ x: Map) throws -> Map {
    let weight = try file.floats(name + ".weight").map(Double.init)
    let bias = try file.floats(name + ".bias").map(Double.init)
    var result = Map(channels: bias.count, height: x.height, width: x.width)
    for output in 0..<bias.count {
      for row in 0..<x.height {
        for column in 0..<x.width {
          var sum = bias[output]
          for input in 0..<x.channels {
            for tap in 0..<9 {
              sum +=
                weight[(output * x.channels + input) * 9 + tap]
                * x[input, row + tap / 3 - 1, column + tap % 3 - 1]
            }
          }
          result[output, row, column] = sum
        }
      }
    }
    return result
  }

  // MARK: the enlarged picture

  private func folded(_ large: Map) -> Map {
    var map = Map(channels: 3 * scale * scale, height: large.height / scale, width: large.width / scale)
    for index in map.values.indices {
      let (channel, place) = (index / (map.width * map.height), index % (map.width * map.height))
      let (dy, dx) = (channel % (scale * scale) / scale, channel % scale)
      map.values[index] =
        large[
          channel / (scale * scale), scale * (place / map.width) + dy, scale * (place % map.width) + dx]
    }
    return map
  }

  private func unfolded(_ map: Map) -> Map {
    var large = Map(channels: 3, height: scale * map.height, width: scale * map.width)
    for channel in 0..<3 {
      for row in 0..<large.height {
        for column in 0..<large.width {
          let part = channel * scale * scale + row % scale * scale + column % scale
          large[channel, row, column] = map[part, row / scale, column / scale]
        }
      }
    }
    return large
  }

  /// Half-pixel centres, a = -0.75, border pixels repeated; then rolled by 1 - scale.
  private func bicubic(_ picture: Map) -> Map {
    func weight(_ x: Double) -> Double {
      let x = abs(x)
      if x <= 1 { return 1.25 * x * x * x - 2.25 * x * x + 1 }
      return x < 2 ? -0.75 * x * x * x + 3.75 * x * x - 6 * x + 3 : 0
    }
    var large = Map(channels: 3, height: scale * picture.height, width: scale * picture.width)
    func taps(_ position: Int, _ side: Int) -> [(index: Int, weight: Double)] {
      let rolled = Double((position + scale - 1) % (scale * side))
      let source = (rolled + 0.5) / Double(scale) - 0.5
      let first = Int(source.rounded(.down)) - 1
      return (first..<first + 4).map { (min(max($0, 0), side - 1), weight(source - Double($0))) }
    }
    for channel in 0..<3 {
      for row in 0..<large.height {
        for column in 0..<large.width {
          var sum = 0.0
          for y in taps(row, picture.height) {
            for x in taps(column, picture.width) {
              sum += y.weight * x.weight * picture[channel, y.index, x.index]
            }
          }
          large[channel, row, column] = sum
        }
      }
    }
    return large
  }

  /// large += Ht (H Ht + alpha)^-1 (picture - H large), H as a dense matrix.
  private func dataStep(_ large: inout Map, _ picture: Map, alpha: Double) {
    let (n, size) = (picture.width * picture.height, large.width * large.height)
    var h = [[Double]](repeating: [Double](repeating: 0, count: size), count: n)
    for small in 0..<n {
      for place in 0..<kernel.side * kernel.side {
        let (a, b) = (place / kernel.side - kernel.side / 2, place % kernel.side - kernel.side / 2)
        let row = (scale * (small / picture.width) + a + 100 * large.height) % large.height
        let column = (scale * (small % picture.width) + b + 100 * large.width) % large.width
        h[small][row * large.width + column] += kernel.values[place]
      }
    }
    for channel in 0..<3 {
      let x = Array(large.values[channel * size..<(channel + 1) * size])
      var system = (0..<n).map { i in (0..<n).map { j in Self.dot(h[i], h[j]) + (i == j ? alpha : 0) } }
      for i in 0..<n { system[i].append(picture.values[channel * n + i] - Self.dot(h[i], x)) }
      for (i, value) in Self.solved(system).enumerated() {
        for place in 0..<size { large.values[channel * size + place] += h[i][place] * value }
      }
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  /// Of a positive definite system [A | b], by elimination.
  private static func solved(_ system: [[Double]]) -> [Double] {
    var rows = system
    let n = rows.count
    for column in 0..<n {
      for row in 0..<n where row != column {
        let factor = rows[row][column] / rows[column][column]
        for i in column...n { rows[row][i] -= factor * rows[column][i] }
      }
    }
    return (0..<n).map { rows[$0][n] / rows[$0][$0] }
  }
}
