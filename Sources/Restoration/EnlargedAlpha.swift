import Imaging
import SuperResolution

extension Picture {
  /// This picture, a part of `small` enlarged with its colours laid on white, with the alpha that `small` has: enlarged by
  /// bicubic interpolation, and moved to the grid of the result, the last row and column repeated.
  /// - Parameter check: called before each row that is enlarged; what it throws ends the work.
  func withAlpha<Stop: Error>(
    of small: Picture, _ part: SuperResolver.Part, scale: Int, grid: ResultGrid,
    check: () throws(Stop) -> Void
  ) throws(Stop) -> Picture {
    let offset = grid.offset(scale: scale)
    let alpha = try small.bicubicAlpha(
      scale: scale, rows: part.rows.map { min($0 + offset, scale * small.height - 1) },
      columns: part.columns.map { min($0 + offset, scale * small.width - 1) }, check: check)
    guard let alpha else { return self }
    return Picture(
      like: self, width: width, height: height, samples: samples,
      transparency: Transparency(laidOnWhite: samples, alpha: alpha))
  }
}

extension ResultGrid {
  /// By how many pixels results lie to the upper left of a plain enlargement (`KernelConvention.fkp`).
  fileprivate func offset(scale: Int) -> Int {
    switch self {
    case .photograph: 0
    case .benchmark: scale - 1
    }
  }
}
