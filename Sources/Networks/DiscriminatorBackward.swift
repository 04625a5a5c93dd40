import Numerics

/// The backward pass of a `Discriminator`: its own buffers and products beside those of the forward pass.
///
/// Per block of rows and from the last layer to the first: the gradient at a layer's output becomes that at its batch
/// norm's input (whose two sums the block before has left), the weight's gradient collects its product with the
/// activations below, and the gradient passes on to the layer below and through its ReLU.
final class DiscriminatorBackward {
  private let forward: Discriminator
  private let unit: VectorUnit
  /// Gradient by the logits, (N); the caller fills it.
  let dlogits: FloatBuffer
  /// Gradient by the images, (patches, 3, side, side).
  let dimages: FloatBuffer
  /// Gradients by a hidden layer's output, (N, 64): the layer in work and the one below, in turn.
  private let d: [FloatBuffer]
  private let dexpanded: FloatBuffer
  private let dunder: FloatBuffer  // (block, taps * taps * colours)

  // Gradients by the weights over sigma.
  private let dweight: FloatBuffer  // (out, in) of the layer in work
  private let dhead: FloatBuffer  // (64)
  private let dpair: FloatBuffer  // (taps * taps * colours, 64)
  private let dfirstT: FloatBuffer  // (taps * taps * colours, 64)
  private let dfirst: FloatBuffer  // (64, colours * taps * taps)
  private let pairOutward: FloatBuffer  // (64, taps * taps * colours)
  /// Where row (row, column, colour) of `dfirstT` belongs among (colour, row, column).
  private let coloursOutermost: [Int]

  private let hiddenWeight, hiddenInput, pairWeight, pairInput, second, firstWeight: MatrixProduct

  init(_ forward: Discriminator) throws(NumericsError) {
    self.forward = forward
    unit = forward.unit
    let w = Architecture.width
    let side = forward.architecture.patchSide
    let span = forward.span
    let area = span * forward.taps
    let block = forward.block
    dlogits = FloatBuffer(forward.rows)
    dimages = FloatBuffer(forward.patches * Architecture.colours * side * side)
    d = [FloatBuffer(forward.rows * w), FloatBuffer(forward.rows * w)]
    dexpanded = FloatBuffer(forward.expanded.count)
    dunder = FloatBuffer(block * area)
    (dweight, dhead) = (FloatBuffer(w * w), FloatBuffer(w))
    (dpair, dfirstT, dfirst) = (FloatBuffer(area * w), FloatBuffer(area * w), FloatBuffer(area * w))
    pairOutward = FloatBuffer(area * w)
    let taps2 = forward.taps * forward.taps
    coloursOutermost = (0..<area).map { $0 % Architecture.colours * taps2 + $0 / Architecture.colours }
    hiddenWeight = try MatrixProduct(m: w, n: w, k: block, transposedB: true, accumulating: true)
    hiddenInput = try MatrixProduct(m: w, n: block, k: w)
    pairWeight = try MatrixProduct(m: w, n: span, k: block, transposedB: true, accumulating: true)
    pairInput = try MatrixProduct(m: area, n: block, k: w)
    second = try MatrixProduct(m: w, n: w, k: area, transposedB: true)
    firstWeight = try MatrixProduct(m: w, n: area, k: w)
  }

  /// Adds the gradient by every parameter, from `dlogits` and what the last forward pass left, to `gradient` (laid
  /// out as a state).
  func addWeightGradient(_ state: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) {
    dhead.clear()
    backwardHead()
    forward.spectral[6].backward(
      dhead.pointer, sigma: forward.sigmas[6], state: state, addingTo: gradient, unit: unit)
    gradient[forward.headBias] += unit.loops.sum(dlogits.pointer, forward.rows)
    for layer in (1..<forward.norms.count).reversed() {
      dweight.clear()
      backwardHidden(layer, gradient)
      forward.spectral[layer + 1].backward(
        dweight.pointer, sigma: forward.sigmas[layer + 1], state: state, addingTo: gradient, unit: unit)
    }
    backwardPairToWeights(state, gradient)
  }

  /// Fills `dimages`, from `dlogits` and what the last forward pass left.
  func imageGradient() {
    backwardHead()
    for layer in (1..<forward.norms.count).reversed() { backwardHidden(layer, nil) }
    backwardPairToImages()
  }

  // MARK: layer by layer

  private func gradientAt(_ layer: Int) -> UnsafeMutablePointer<Float> { d[layer % 2].pointer }

  /// From the logits to the last hidden layer.
  private func backwardHead() {
    let w = Architecture.width
    let top = forward.norms.count - 1
    forward.norms[top].clearSums()
    forward.forBlocks { start, _ in
      forward.activate(top, start)
      let d = gradientAt(top) + start * w
      unit.loops.head_backward(
        forward.activations.pointer, forward.block, forward.head.pointer, dlogits.pointer + start, d,
        dhead.pointer)
      backwardReLU(top, start)
    }
  }

  /// From a hidden layer (1 is layer 3) to the one below; adds to `dweight` where there is a `gradient`.
  private func backwardHidden(_ layer: Int, _ gradient: UnsafeMutablePointer<Float>?) {
    let w = Architecture.width
    forward.norms[layer].finishBackward(rows: forward.rows, gradient)
    forward.norms[layer - 1].clearSums()
    forward.forBlocks { start, _ in
      let dy = backwardNorm(layer, start)
      if gradient != nil {
        forward.activate(layer - 1, start)
        hiddenWeight(forward.activations.pointer, dy, dweight.pointer)
      }
      hiddenInput(forward.outward[layer - 1].pointer, dy, gradientAt(layer - 1) + start * w)
      backwardReLU(layer - 1, start)
    }
  }

  /// From layer 2 to both weights of the linear pair.
  private func backwardPairToWeights(_ state: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) {
    let w = Architecture.width
    let span = forward.span
    let windows = forward.windows
    forward.norms[0].finishBackward(rows: forward.rows, gradient)
    dpair.clear()
    forward.forBlocks { start, expandedStart in
      let dy = backwardNorm(0, start)
      for tap in 0..<forward.taps {
        let under = forward.expanded.pointer + expandedStart + tap * windows * span
        pairWeight(dy, under, dpair.pointer + tap * span * w)
      }
    }
    second(forward.first.pointer, dpair.pointer, dweight.pointer)
    forward.spectral[1].backward(
      dweight.pointer, sigma: forward.sigmas[1], state: state, addingTo: gradient, unit: unit)
    firstWeight(forward.second.pointer, dpair.pointer, dfirstT.pointer)
    reorderFirst()
    forward.spectral[0].backward(
      dfirst.pointer, sigma: forward.sigmas[0], state: state, addingTo: gradient, unit: unit)
  }

  /// dfirstT (row, column, colour; 64) into dfirst (64; colour, row, column), through dpair, whose turn is over.
  private func reorderFirst() {
    let w = Architecture.width
    for (row, target) in coloursOutermost.enumerated() {
      (dpair.pointer + target * w).update(from: dfirstT.pointer + row * w, count: w)
    }
    unit.loops.transpose_scaled(dfirst.pointer, dpair.pointer, coloursOutermost.count, w, nil, 1)
  }

  /// From layer 2 to the images.
  private func backwardPairToImages() {
    let span = forward.span
    let windows = forward.windows
    let side = forward.architecture.patchSide
    let area = span * forward.taps
    forward.norms[0].finishBackward(rows: forward.rows, nil)
    unit.loops.transpose_scaled(pairOutward.pointer, forward.pair.pointer, area, Architecture.width, nil, 1)
    dexpanded.clear()
    forward.forBlocks { start, expandedStart in
      pairInput(pairOutward.pointer, backwardNorm(0, start), dunder.pointer)
      unit.loops.add_taps(
        dunder.pointer, forward.block, forward.taps, span, windows * span, dexpanded.pointer + expandedStart)
    }
    for p in 0..<forward.patches {
      unit.loops.expand_backward(
        dexpanded.pointer + p * side * windows * span, side, forward.taps,
        dimages.pointer + p * Architecture.colours * side * side)
    }
  }

  // MARK: batch norm and ReLU

  /// The block's gradient at the layer's output becomes, in place, that at its batch norm's input.
  private func backwardNorm(_ layer: Int, _ start: Int) -> UnsafeMutablePointer<Float> {
    let norm = forward.norms[layer]
    let at = start * Architecture.width
    let d = gradientAt(layer) + at
    unit.loops.normalise_backward(
      forward.hidden[layer].pointer + at, forward.block, norm.mean, norm.a.pointer, norm.b.pointer,
      norm.c.pointer, d)
    return d
  }

  /// The block's gradient after the layer's ReLU becomes, in place, that before it, and its sums grow.
  private func backwardReLU(_ layer: Int, _ start: Int) {
    let norm = forward.norms[layer]
    let at = start * Architecture.width
    unit.loops.relu_backward(
      forward.hidden[layer].pointer + at, forward.block, norm.normalisation, gradientAt(layer) + at,
      norm.sums.pointer, norm.products.pointer)
  }
}
