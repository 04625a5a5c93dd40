import BlurKernels
import Foundation
import Numerics

/// Cubic enlargement (Keys 1981, a = -0.5, circular border) that lies where the data step looks for it: by the kernel,
/// pixel i of the picture is centred on pixel scale * i + (the kernel's centre of mass - side/2) of the enlarged one.
struct AlignedCubic {
  private let scale: Int
  private let shift: (x: Double, y: Double)

  init(_ kernel: BlurKernel, scale: Int) {
    self.scale = scale
    let centre = kernel.centreOfMass
    shift = (centre.x - Double(kernel.side / 2), centre.y - Double(kernel.side / 2))
  }

  func enlarge(_ picture: Planes) -> Planes {
    let result = Planes(width: scale * picture.width, height: scale * picture.height)
    let columns = (0..<result.width).map { taps($0, shift.x, picture.width) }
    let rows = (0..<result.height).map { taps($0, shift.y, picture.height) }
    let wide = FloatBuffer(result.width * picture.height)
    for channel in 0..<3 {
      let (source, target) = (picture.plane(channel), result.plane(channel))
      for row in 0..<picture.height {
        let line = source + row * picture.width
        for (x, tap) in columns.enumerated() {
          wide.pointer[row * result.width + x] = tap.sum { line[$0] }
        }
      }
      for (y, tap) in rows.enumerated() {
        for x in 0..<result.width {
          target[y * result.width + x] = tap.sum { wide.pointer[$0 * result.width + x] }
        }
      }
    }
    return result
  }

  private struct Taps {
    var index = SIMD4<Int>()
    var weight = SIMD4<Float>()

    @inline(__always)
    func sum(_ value: (Int) -> Float) -> Float {
      weight[0] * value(index[0]) + weight[1] * value(index[1]) + weight[2] * value(index[2])
        + weight[3] * value(index[3])
    }
  }

  private func taps(_ position: Int, _ shift: Double, _ side: Int) -> Taps {
    let source = (Double(position) - shift) / Double(scale)
    let first = Int(source.rounded(.down)) - 1
    var taps = Taps()
    for tap in 0..<4 {
      let index = (first + tap) % side
      taps.index[tap] = index < 0 ? index + side : index
      taps.weight[tap] = Float(Self.weight(abs(source - Double(first + tap))))
    }
    return taps
  }

  private static func weight(_ x: Double) -> Double {
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }
}
