extension BlurKernel {
  /// What KernelGAN makes of the kernel it found: the 40 largest values are kept, and the kernel is moved to where
  /// kernels of scale 2 are centred here, 11x11 with centre of mass 4.5, and divided by its sum. Nil where that leaves
  /// nothing positive.
  public func cleanedAsByKernelGAN() -> BlurKernel? {
    guard let kept = keepingLargest(40) else { return nil }
    // Padded by its own side, so that no shift can lose any of it; by a fraction of a pixel, usually.
    let roomy = kept.window(side: 3 * side, from: -side)
    let centre = side + side / 2
    let moved = roomy.centred(at: Double(centre) + 0.5).window(side: 11, from: centre - 4)
    return moved.sum > 0 ? moved.normalised() : nil
  }

  /// The `count` largest values, as far as they are positive; all others 0. Nil where none is positive and finite.
  package func keepingLargest(_ count: Int) -> BlurKernel? {
    guard values.allSatisfy(\.isFinite) else { return nil }
    var kept = [Double](repeating: 0, count: values.count)
    for index in values.indices.sorted(by: { values[$0] > values[$1] }).prefix(count) {
      kept[index] = max(values[index], 0)
    }
    let kernel = BlurKernel(side: side, values: kept)
    return kernel.sum > 0 ? kernel : nil
  }
}
