import CLoops
import Foundation
import Numerics
import Testing

/// The element-wise loops against the plain sums they stand for, in double precision, and against each other: every
/// instruction set must give the same bits. Sizes are chosen to have tails.
@Suite("Element-wise loops")
struct LoopsTests {
  static func random(_ count: Int, _ key: UInt64) -> [Float] {
    var generator = Philox(key: key)
    return (0..<count).map { _ in Float(generator.uniform(in: -1..<1)) }
  }

  /// Runs `body` on every instruction set there is; all must return the same bits, which it returns.
  static func agreed(_ body: (cloops_table) -> [Float]) -> [Float] {
    let results = VectorUnit.available.map { body($0.loops) }
    for other in results.dropFirst() {
      #expect(other.map(\.bitPattern) == results[0].map(\.bitPattern))
    }
    return results[0]
  }

  /// 1e-6 a term: single precision, sums of a few hundred values below one.
  static func expectClose(_ a: [Float], _ b: [Double], tolerance: Double = 1e-4) {
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) where abs(Double(x) - y) > tolerance { Issue.record("\(x) is not \(y)") }
  }

  @Test(arguments: [1, 15, 16, 17, 121, 676])
  func sums(n: Int) {
    let a = Self.random(n, 1)
    let b = Self.random(n, 2)
    let got = Self.agreed { [$0.sum(a, n), $0.dot(a, b, n), $0.absolute_difference(a, b, n)] }
    let x = a.map(Double.init)
    let y = b.map(Double.init)
    Self.expectClose(
      got,
      [
        x.reduce(0, +), zip(x, y).reduce(0) { $0 + $1.0 * $1.1 },
        zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) },
      ])
  }

  @Test func `row products`() {
    let rows = 13
    let vectors = 9
    let n = 96
    let a = Self.random(rows * n, 3)
    let b = Self.random(vectors * n, 4)
    let weight = Self.random(rows, 5)
    let dots = Self.agreed { loops in
      var out = [Float](repeating: 0, count: rows * vectors)
      loops.row_dots(a, rows, b, vectors, n, &out)
      return out
    }
    Self.expectClose(
      dots,
      (0..<rows * vectors).map { i in
        (0..<n).reduce(0) { $0 + Double(a[i / vectors * n + $1]) * Double(b[i % vectors * n + $1]) }
      })
    for columns in [96, 147] {
      let a = Self.random(rows * columns, 6)
      let combined = Self.agreed { loops in
        var out = [Float](repeating: 0, count: columns)
        loops.combine_rows(a, rows, weight, columns, &out)
        return out
      }
      Self.expectClose(
        combined,
        (0..<columns).map { c in
          (0..<rows).reduce(0) { $0 + Double(weight[$1]) * Double(a[$1 * columns + c]) }
        })
    }
  }

  @Test func logarithms() {
    let x =
      Self.random(150, 12).map { Float(exp2(Double($0) * 60)) } + [0, 1e-30, 1, 0.70710677, 1.4142135, 3e38]
    for shift: Float in [1e-4, 1e-37] {
      let got = Self.agreed { loops in
        var out = [Float](repeating: 0, count: x.count)
        loops.logarithms(x, shift, x.count, &out)
        return out
      }
      for (value, found) in zip(x, got) {
        let expected = log(Double(value + shift))
        #expect(abs(Double(found) - expected) <= 1e-6 * max(1, abs(expected)))
      }
    }
  }

  @Test(arguments: [(64, 147), (64, 64), (147, 64), (25, 49)])
  func transpose(rows: Int, columns: Int) {
    let a = Self.random(rows * columns, 7)
    // A permutation: 5 divides none of the counts.
    let to = (0..<columns).map { Int32((Int($0) * 5 + 3) % columns) }
    let got = Self.agreed { loops in
      var out = [Float](repeating: 0, count: rows * columns)
      loops.transpose_scaled(&out, a, rows, columns, to, 0.5)
      return out
    }
    for r in 0..<rows {
      for c in 0..<columns { #expect(got[Int(to[c]) * rows + r] == 0.5 * a[r * columns + c]) }
    }
  }

  @Test func `batch norm and ReLU`() {
    let n = 37
    let w = 64
    let y = Self.random(n * w, 8)
    let d = Self.random(n * w, 9)
    let values = Self.random(3 * w, 10)
    var by = cloops_normalisation()
    withUnsafeMutableBytes(of: &by) { $0.copyBytes(from: values.withUnsafeBytes { Array($0) }) }
    func z(_ i: Int) -> Double {
      let c = i % w
      return (Double(y[i]) - Double(values[c])) * Double(values[w + c]) + Double(values[2 * w + c])
    }
    let a = Self.agreed { loops in
      var a = y
      loops.normalise_relu(y, n, &by, &a)
      return a
    }
    Self.expectClose(a, y.indices.map { max(z($0), 0) })
    let back = Self.agreed { loops in
      var out = d
      var sum = [Float](repeating: 1, count: w)
      var product = [Float](repeating: 2, count: w)
      loops.relu_backward(y, n, &by, &out, &sum, &product)
      return out + sum + product
    }
    let dz = y.indices.map { z($0) > 0 ? Double(d[$0]) : 0 }
    let channels = 0..<w
    Self.expectClose(
      back,
      dz + channels.map { c in (0..<n).reduce(1) { $0 + dz[$1 * w + c] } }
        + channels.map { c in
          (0..<n).reduce(2) { $0 + dz[$1 * w + c] * (Double(y[$1 * w + c]) - Double(values[c])) }
        })
  }

  @Test func `moments of channels`() {
    let (n, w) = (37, 64)
    let (y, values) = (Self.random(n * w, 8), Self.random(w, 10))
    let moments = Self.agreed { loops in
      var sum = [Float](repeating: 0, count: w)
      var square = sum
      loops.moments(y, n, values, &sum, &square)
      return sum + square
    }
    let centred = y.indices.map { Double(y[$0]) - Double(values[$0 % w]) }
    let channels = 0..<w
    Self.expectClose(
      moments,
      channels.map { c in (0..<n).reduce(0) { $0 + centred[$1 * w + c] } }
        + channels.map { c in (0..<n).reduce(0) { $0 + centred[$1 * w + c] * centred[$1 * w + c] } })
  }

  /// A NaN must come out as one, or a broken run would look healthy.
  @Test func `NaN survives`() {
    let y = [Float](repeating: .nan, count: 64)
    var by = cloops_normalisation()
    for unit in VectorUnit.available {
      var a = [Float](repeating: 0, count: 64)
      unit.loops.normalise_relu(y, 1, &by, &a)
      #expect(a.allSatisfy { $0.isNaN })
      var slope = a
      #expect(unit.loops.sigmoid_l1(y, 64, 1, 1, nil, &slope).isNaN)
      #expect(slope.allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: [1, 16, 676])
  func sigmoid(n: Int) {
    let logits = Self.random(n, 11).map { $0 * 30 }
    let got = Self.agreed { loops in
      var p = logits
      var d = logits
      let sum = loops.sigmoid_l1(logits, n, 1, 0.25, &p, &d)
      return p + d + [sum]
    }
    let p = logits.map { 1 / (1 + exp(-Double($0))) }
    Self.expectClose(
      got, p + p.map { -0.25 * $0 * (1 - $0) } + [p.reduce(0) { $0 + 1 - $1 }], tolerance: 1e-4)
    for (x, y) in zip(got, p) { #expect(abs(Double(x) - y) <= 3e-7) }
  }

  @Test func `expansion is a window and its transpose`() {
    let side = 12
    let taps = 7
    let windows = 6
    let planes = Self.random(3 * side * side, 12)
    let expanded = Self.agreed { loops in
      var out = [Float](repeating: 0, count: side * windows * taps * 3)
      loops.expand(planes, side, taps, &out)
      return out
    }
    for y in 0..<side {
      for x in 0..<windows {
        for b in 0..<taps {
          for c in 0..<3 {
            #expect(expanded[((y * windows + x) * taps + b) * 3 + c] == planes[(c * side + y) * side + x + b])
          }
        }
      }
    }
    // <expand(p), e> = <p, expand_backward(e)>
    let e = Self.random(expanded.count, 13)
    let back = Self.agreed { loops in
      var out = planes
      loops.expand_backward(e, side, taps, &out)
      return out
    }
    let left = zip(expanded, e).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let right = zip(planes, back).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(left - right) < 1e-4)
  }

  @Test(arguments: [(11, 32), (13, 26), (3, 5)])
  func stencil(taps: Int, side: Int) {
    let n = 2 * (side - 1) + taps
    let half = (side + 15) / 16 * 16 + taps / 2 + 1
    let planes = Self.random(3 * n * n, 14)
    let kernel = Self.random(taps * taps, 15)
    let d = Self.random(3 * side * side, 16)
    let got = Self.agreed { loops in
      var split = [Float](repeating: 0, count: 3 * n * 2 * half + 16)
      var out = [Float](repeating: 0, count: 3 * side * side)
      var dkernel = [Float](repeating: 0, count: taps * taps)
      loops.split_columns(planes, n, n, half, &split)
      loops.convolve_stride2(split, n, half, kernel, taps, side, &out)
      loops.convolve_stride2_backward(split, n, half, d, taps, side, &dkernel)
      return out + dkernel
    }
    var out = [Double](repeating: 0, count: 3 * side * side)
    var dkernel = [Double](repeating: 0, count: taps * taps)
    for i in out.indices {
      let (c, y, x) = (i / (side * side), i / side % side, i % side)
      for t in 0..<taps * taps {
        let p = Double(planes[(c * n + 2 * y + t / taps) * n + 2 * x + t % taps])
        out[i] += Double(kernel[t]) * p
        dkernel[t] += Double(d[i]) * p
      }
    }
    Self.expectClose(got, out + dkernel, tolerance: 2e-4)
  }

  @Test func `head and its gradient`() {
    let n = 5
    let w = 64
    let a = Self.random(n * w, 17)
    let weight = Self.random(w, 18)
    let slope = Self.random(n, 19)
    let got = Self.agreed { loops in
      var logits = slope
      var d = a
      var dweight = weight
      loops.head(a, n, weight, 0.5, &logits)
      loops.head_backward(a, n, weight, slope, &d, &dweight)
      return logits + d + dweight
    }
    let logits = (0..<n).map { p in (0..<w).reduce(0.5) { $0 + Double(a[p * w + $1]) * Double(weight[$1]) } }
    let d = a.indices.map { Double(slope[$0 / w]) * Double(weight[$0 % w]) }
    let dweight = (0..<w).map { c in
      (0..<n).reduce(Double(weight[c])) { $0 + Double(slope[$1]) * Double(a[$1 * w + c]) }
    }
    Self.expectClose(got, logits + d + dweight)
  }
}
