import BlurKernels
import Foundation

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
    let columns = (0..<scale * picture.width).map { taps($0, shift: shift.x, side: picture.width) }
    let rows = (0..<scale * picture.height).map { taps($0, shift: shift.y, side: picture.height) }
    return CubicTaps.enlarge(picture, rows: rows, columns: columns)
  }

  private func taps(_ position: Int, shift: Double, side: Int) -> CubicTaps {
    CubicTaps(at: (Double(position) - shift) / Double(scale), a: -0.5) { modulo($0, side) }
  }
}
