import Imaging

extension Picture {
  /// This picture, enlarged from `small` with its colours laid on white, with the alpha that `small` has: enlarged by bicubic
  /// interpolation, and moved to the grid of the result.
  /// - Parameter check: called before each row that is enlarged, and between the other passes; what it throws ends the work.
  func withAlpha<Stop: Error>(
    of small: Picture, scale: Int, grid: ResultGrid, check: () throws(Stop) -> Void
  ) throws(Stop) -> Picture {
    guard let alpha = small.alpha else { return self }
    let plain = try small.bicubicAlpha(alpha, scale: scale, check: check)
    let moved: Samples =
      switch plain {
      case .bits8(let samples): .bits8(shifted(samples, by: grid.offset(scale: scale)))
      case .bits16(let samples): .bits16(shifted(samples, by: grid.offset(scale: scale)))
      }
    try check()
    return Picture(
      like: self, width: width, height: height, samples: samples,
      transparency: Transparency(laidOnWhite: samples, alpha: moved))
  }

  /// A plane moved up and left, its last row and column repeated.
  private func shifted<Sample>(_ plane: [Sample], by offset: Int) -> [Sample] {
    if offset == 0 { return plane }
    return (0..<width * height).map { index in
      let (row, column) = (index / width + offset, index % width + offset)
      return plane[min(row, height - 1) * width + min(column, width - 1)]
    }
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
