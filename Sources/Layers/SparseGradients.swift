import CLoops
import Numerics

/// A hyper-Laplacian prior of natural pictures, which have few strong edges (Krishnan, Fergus: "Fast image
/// deconvolution using hyper-Laplacian priors", NeurIPS 2009): the sum over all neighbours in four directions (right,
/// down and both diagonals) of |difference|^0.67, computed as (difference^2 + 1e-6)^0.335, which is smooth at 0.
package struct SparseGradients {
  private static let power: Float = 0.335, floor: Float = 1e-6
  private let unit: VectorUnit
  private let loops: clayers_table

  package init(_ workspace: Workspace) { (unit, loops) = (workspace.unit, workspace.loops) }

  /// Adds `weight` times the gradient by the picture to `gradient`, of the same size.
  /// - Returns: the sum, without the weight.
  package func callAsFunction(_ picture: Raster, weight: Double, gradient: Raster) -> Double {
    let slopes = FloatBuffer(picture.width)
    var sum = 0.0
    for channel in 0..<picture.channels {
      for y in 0..<picture.height {
        for (down, right) in [(0, 1), (1, 0), (1, 1), (1, -1)] where y + down < picture.height {
          let count = picture.width - abs(right)
          let (here, there) = (max(-right, 0), max(right, 0))
          let other = picture.row(y + down, channel) + there
          sum += Double(
            loops.sparse(
              picture.row(y, channel) + here, other, count, Self.power, Self.floor, slopes.pointer))
          unit.loops.add_scaled(gradient.row(y, channel) + here, slopes.pointer, Float(weight), count)
          unit.loops.add_scaled(
            gradient.row(y + down, channel) + there, slopes.pointer, -Float(weight), count)
        }
      }
    }
    return sum
  }
}
