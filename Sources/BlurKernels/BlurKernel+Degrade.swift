extension BlurKernel {
  /// Blurs a picture by cross-correlation with a circular border and keeps every `scale`-th pixel of it:
  ///
  ///     out[y, x] = sum over a, b of k[a, b] * in[(s y + a - side/2) mod H, (s x + b - side/2) mod W]
  ///
  /// with side/2 rounded down: 5 for the 11x11 kernels of scale 2, 10 for the 21x21 ones of scale 4.
  ///
  /// Sums run in single precision by fused multiply-adds, over a then b, the kernel rounded to `Float` first: the same
  /// bits on every machine, and those from which the published benchmark was truncated to 8 bits (in exact
  /// arithmetic a few pixels in a hundred thousand fall to the other side of a level).
  /// - Parameters:
  ///   - planes: (C, height, width), one channel after the other, any range.
  ///   - scale: 2 or 4, though any positive number works.
  /// - Returns: (C, height / scale, width / scale), not clipped.
  /// - Throws: `DegradationError.size` unless both sides are multiples of the scale.
  /// - Precondition: `planes` holds whole channels.
  public func degrade(
    _ planes: [Float], width: Int, height: Int, scale: Int
  ) throws(DegradationError) -> [Float] {
    guard scale > 0, width > 0, height > 0, width % scale == 0, height % scale == 0 else {
      throw .size(width: width, height: height, scale: scale)
    }
    let area = width * height
    precondition(planes.count % area == 0, "planes hold whole channels")
    var output: [Float] = []
    output.reserveCapacity(planes.count / (scale * scale))
    for start in stride(from: 0, to: planes.count, by: area) {
      let phases = ColumnPhases(
        of: planes[start..<start + area], width: width, height: height, scale: scale, taps: side)
      for row in 0..<height / scale { output.append(contentsOf: degradedRow(row, of: phases)) }
    }
    return output
  }

  private func degradedRow(_ row: Int, of picture: ColumnPhases) -> [Float] {
    var sums = [Float](repeating: 0, count: picture.outputWidth)
    for a in 0..<side {
      let source = wrapped(picture.scale * row + a - side / 2, picture.height)
      for b in 0..<side { picture.add(row: source, tap: b, times: Float(self[a, b]), to: &sums) }
    }
    return sums
  }
}

/// One channel with its columns dealt out to `scale` phases, so that what one tap of the kernel meets along a
/// row of output lies side by side, the circular border included.
private struct ColumnPhases {
  let height, scale, outputWidth: Int
  /// Length of one phase of one row: the output's width and the columns that the last taps reach further.
  private let length: Int
  /// (height, scale, length): element j of phase p is input column (scale j + p - taps/2) mod width.
  private var values: [Float] = []

  init(of plane: ArraySlice<Float>, width: Int, height: Int, scale: Int, taps: Int) {
    (self.height, self.scale, outputWidth) = (height, scale, width / scale)
    length = outputWidth + (taps - 1) / scale
    let columns = (0..<scale * length).map { slot in
      wrapped(scale * (slot % length) + slot / length - taps / 2, width)
    }
    values.reserveCapacity(height * columns.count)
    for row in 0..<height {
      let start = plane.startIndex + row * width
      for column in columns { values.append(plane[start + column]) }
    }
  }

  /// Adds weight * in[row, (scale x + tap - taps/2) mod width] to sums[x] for every x of the output's row.
  @inline(__always)
  func add(row: Int, tap: Int, times weight: Float, to sums: inout [Float]) {
    let start = (row * scale + tap % scale) * length + tap / scale
    precondition(start >= 0 && start + sums.count <= values.count)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        // Unsafe: x < sums.count, and the whole stretch was just checked to lie inside `values`.
        guard let input = values.baseAddress, let output = sums.baseAddress else { return }
        for x in 0..<sums.count { output[x].addProduct(weight, input[start + x]) }
      }
    }
  }
}

/// `index` brought into 0 ..< count by whole turns.
func wrapped(_ index: Int, _ count: Int) -> Int {
  let rest = index % count
  return rest < 0 ? rest + count : rest
}
