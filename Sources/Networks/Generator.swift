import Numerics

/// The generator as what it is, a linear map: its six bias-free layers collapse into one kernel (paper, Eq. 3;
/// about half a million multiply-adds), which is then applied with stride 2. Exact, and some 200 times cheaper than
/// running 64 channels over pixels. Workspace of one thread; no method allocates.
final class Generator {
  let architecture: Architecture
  /// The collapsed kernel, (side, side), a cross-correlation kernel.
  let kernel: FloatBuffer
  /// Gradient of the loss by that kernel; the caller fills it, `collapseBackward` reads it.
  let kernelGradient: FloatBuffer
  /// Added to what the weights collapse to, (side, side).
  var offset: [Float]?

  private let unit: VectorUnit
  /// Offsets of the six weights in a state.
  private let weights: [Int]
  private let k1: Int, k2: Int, k3: Int

  // Rows of composed layers, last layer first: what layers l...6 together do to layer l's input.
  private let row5, row4: FloatBuffer  // (64)
  private let row3: FloatBuffer  // (64, k3*k3): as one kernel a channel
  private let tail: FloatBuffer  // (64, t*t), t = k2 + k3 - 1: layers 2...6
  private let products2: FloatBuffer  // (k3*k3, 64 * k2*k2)
  private let products1: FloatBuffer  // (t*t, k1*k1)
  // Their gradients.
  private let dproducts2, dproducts1, dproducts1T, dtail, drow3, drow4, drow5: FloatBuffer

  private let compose2, compose1, dweight1, dtail1, dweight2: MatrixProduct

  init(_ architecture: Architecture) throws(NumericsError) {
    self.architecture = architecture
    unit = try VectorUnit.current()
    weights = architecture.layout.entries.prefix(6).map(\.offset)
    (k1, k2, k3) = (
      architecture.generatorKernels[0], architecture.generatorKernels[1], architecture.generatorKernels[2]
    )
    let w = Architecture.width
    let side = architecture.kernelSide
    let t = k2 + k3 - 1
    let q1 = k1 * k1
    let q2 = w * k2 * k2
    let q3 = k3 * k3
    let qt = t * t
    kernel = FloatBuffer(side * side)
    kernelGradient = FloatBuffer(side * side)
    (row5, row4, row3, tail) = (FloatBuffer(w), FloatBuffer(w), FloatBuffer(w * q3), FloatBuffer(w * qt))
    (products2, products1) = (FloatBuffer(q3 * q2), FloatBuffer(qt * q1))
    (dproducts2, dproducts1) = (FloatBuffer(q3 * q2), FloatBuffer(qt * q1))
    (dproducts1T, dtail) = (FloatBuffer(q1 * qt), FloatBuffer(w * qt))
    (drow3, drow4, drow5) = (FloatBuffer(w * q3), FloatBuffer(w), FloatBuffer(w))
    compose2 = try MatrixProduct(m: q2, n: q3, k: w, transposedB: true)
    compose1 = try MatrixProduct(m: q1, n: qt, k: w, transposedB: true)
    dweight1 = try MatrixProduct(m: q1, n: w, k: qt)
    dtail1 = try MatrixProduct(m: qt, n: w, k: q1)
    dweight2 = try MatrixProduct(m: q2, n: w, k: q3)
  }

  /// Collapses the weights in `parameters` (laid out as a state) into `kernel`.
  func collapse(_ parameters: UnsafePointer<Float>) {
    let w = Architecture.width
    let loops = unit.loops
    loops.combine_rows(parameters + weights[4], w, parameters + weights[5], w, row5.pointer)
    loops.combine_rows(parameters + weights[3], w, row5.pointer, w, row4.pointer)
    loops.combine_rows(parameters + weights[2], w, row4.pointer, w * k3 * k3, row3.pointer)
    compose2(parameters + weights[1], row3.pointer, products2.pointer)
    addShifted(products2, outer: k3, inner: k2, channels: w, into: tail)
    compose1(parameters + weights[0], tail.pointer, products1.pointer)
    addShifted(products1, outer: k2 + k3 - 1, inner: k1, channels: 1, into: kernel)
    if let offset { for i in offset.indices { kernel.pointer[i] += offset[i] } }
  }

  /// From `kernelGradient` to the gradient of all six weights, replacing what `gradient` held of them. Uses what
  /// the last `collapse` of the same parameters left behind.
  func collapseBackward(_ parameters: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) {
    let w = Architecture.width
    let loops = unit.loops
    let q3 = k3 * k3
    let t = k2 + k3 - 1
    gatherShifted(kernelGradient, outer: t, inner: k1, channels: 1, into: dproducts1)
    loops.transpose_scaled(dproducts1T.pointer, dproducts1.pointer, t * t, k1 * k1, nil, 1)
    dweight1(dproducts1.pointer, tail.pointer, gradient + weights[0])
    dtail1(dproducts1T.pointer, parameters + weights[0], dtail.pointer)
    gatherShifted(dtail, outer: k3, inner: k2, channels: w, into: dproducts2)
    dweight2(dproducts2.pointer, row3.pointer, gradient + weights[1])
    loops.row_dots(parameters + weights[1], w, dproducts2.pointer, q3, w * k2 * k2, drow3.pointer)
    loops.outer(gradient + weights[2], row4.pointer, w, drow3.pointer, w * q3)
    loops.row_dots(parameters + weights[2], w, drow3.pointer, 1, w * q3, drow4.pointer)
    loops.outer(gradient + weights[3], row5.pointer, w, drow4.pointer, w)
    loops.row_dots(parameters + weights[3], w, drow4.pointer, 1, w, drow5.pointer)
    loops.outer(gradient + weights[4], parameters + weights[5], w, drow5.pointer, w)
    loops.row_dots(parameters + weights[4], w, drow5.pointer, 1, w, gradient + weights[5])
  }

  // MARK: shifts: a product of kernels is their values' products, each at the sum of the two offsets

  /// Visits products (outer*outer, channels, inner*inner) in order, each with its place in the sums
  /// (channels, side, side), side = outer + inner - 1.
  @inline(__always)
  private func forShifts(
    outer: Int, inner: Int, channels: Int, _ body: (_ product: Int, _ target: Int) -> Void
  ) {
    let side = outer + inner - 1
    var product = 0
    for outerY in 0..<outer {
      for outerX in 0..<outer {
        for channel in 0..<channels {
          for y in 0..<inner {
            let row = (channel * side + outerY + y) * side + outerX
            for x in 0..<inner {
              body(product, row + x)
              product += 1
            }
          }
        }
      }
    }
  }

  private func addShifted(
    _ products: FloatBuffer, outer: Int, inner: Int, channels: Int, into sums: FloatBuffer
  ) {
    sums.clear()
    let from = products.pointer
    let to = sums.pointer
    forShifts(outer: outer, inner: inner, channels: channels) { to[$1] += from[$0] }
  }

  /// The transpose of `addShifted`.
  private func gatherShifted(
    _ sums: FloatBuffer, outer: Int, inner: Int, channels: Int, into products: FloatBuffer
  ) {
    let from = sums.pointer
    let to = products.pointer
    forShifts(outer: outer, inner: inner, channels: channels) { to[$0] = from[$1] }
  }
}
