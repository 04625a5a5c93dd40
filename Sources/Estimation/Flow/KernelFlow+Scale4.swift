extension KernelFlow {
  /// The kernel of 21x21 that equals degrading twice by a kernel of 11x11, as KernelGAN derives it. As in
  /// `BlurKernel.x4`, the outermost 5 pixels of 31x31 are removed; unlike there, the result is neither moved nor
  /// normalised, since the prior's kernels are centred.
  ///
  ///     out[2 p + q - 5] = sum of kernel[p] kernel[q],  both axes alike
  package func appliedTwice(_ kernel: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: wideSide * wideSide)
    forEachPair { p, q, place in out[place] += kernel[p] * kernel[q] }
    return out
  }

  /// The gradient by the kernel, (11, 11), from `out`, the gradient by the result of `appliedTwice`, (21, 21).
  package func appliedTwiceBackward(_ kernel: [Double], _ out: [Double]) -> [Double] {
    var slopes = [Double](repeating: 0, count: kernel.count)
    forEachPair { p, q, place in
      slopes[p] += kernel[q] * out[place]
      slopes[q] += kernel[p] * out[place]
    }
    return slopes
  }

  private var wideSide: Int { 2 * side - 1 }

  private func forEachPair(_ body: (_ p: Int, _ q: Int, _ place: Int) -> Void) {
    let margin = (side - 1) / 2
    for p in 0..<side * side {
      for q in 0..<side * side {
        let row = 2 * (p / side) + q / side - margin
        let column = 2 * (p % side) + q % side - margin
        let isInside = min(row, column) >= 0 && max(row, column) < wideSide
        if isInside { body(p, q, row * wideSide + column) }
      }
    }
  }
}
