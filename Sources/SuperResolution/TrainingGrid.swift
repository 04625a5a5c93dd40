import BlurKernels
import Foundation

/// Where the enlarger's training had a picture's pixels on the enlarged grid, and where a kernel has them.
///
/// Training used kernels of centre of mass side/2 - (scale - 1)/2 in both directions: pixel i is then centred on pixel
/// scale * i - (scale - 1)/2 of the enlarged picture. A kernel of another centre is met by reading and writing the
/// enlarged picture `offset` pixels further on (circularly), so that the network always sees its own grid.
struct TrainingGrid {
  private let scale: Int
  /// Whole enlarged pixels from training's place to the kernel's.
  let offset: (x: Int, y: Int)
  /// What is left, where it is more than training saw.
  private let rest: (x: Double, y: Double)

  /// Predicted kernels and those with noise are off centre by less; training enlarged their pictures as if they were not.
  private static let tolerance = 0.25

  init(_ kernel: BlurKernel, scale: Int) {
    self.scale = scale
    let centre = kernel.centreOfMass
    func parts(_ centre: Double) -> (Int, Double) {
      let distance = centre - Double(kernel.side / 2) + Double(scale - 1) / 2
      guard distance.isFinite, abs(distance) < 1e6 else { return (0, 0) }
      let whole = distance.rounded()
      return (Int(whole), abs(distance - whole) > Self.tolerance ? distance - whole : 0)
    }
    let (x, y) = (parts(centre.x), parts(centre.y))
    (offset, rest) = ((x.0, y.0), (x.1, y.1))
  }

  /// x0: the picture enlarged by cubic convolution (a = -0.75, border pixels repeated) and rolled to the kernel's place.
  func enlarge(_ picture: Planes) -> Planes {
    let columns = taps(side: picture.width, offset: offset.x, rest: rest.x)
    let rows = taps(side: picture.height, offset: offset.y, rest: rest.y)
    return CubicTaps.enlarge(picture, rows: rows, columns: columns)
  }

  private func taps(side: Int, offset: Int, rest: Double) -> [CubicTaps] {
    (0..<scale * side).map { position in
      let rolled = Double(modulo(position + scale - 1 - offset, scale * side)) - rest
      return CubicTaps(at: (rolled + 0.5) / Double(scale) - 0.5, a: -0.75) { min(max($0, 0), side - 1) }
    }
  }
}
