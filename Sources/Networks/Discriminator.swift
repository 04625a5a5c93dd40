import CLoops
import Numerics

/// The discriminator, forwards and backwards, over a batch of square patches. Channels last: every hidden value is
/// (N, 64), N = patches * map side squared rows in patch, row, column order.
///
/// Layers 1 and 2 are both linear, so they run as one 7x7 layer with the product of their normalised weights; and
/// since batch norm follows, biases 1 to 6 change nothing but the mean it removes: they are left out, and their
/// gradient is zero. Rows pass through element-wise loops and matrix products in blocks that stay in the first cache.
/// Workspace of one thread; no method allocates.
final class Discriminator {
  let architecture: Architecture
  let patches: Int
  /// Rows: N.
  let rows: Int

  let unit: VectorUnit
  let spectral: [SpectralNorm]  // layers 1...7
  let norms: [BatchNorm]  // layers 2...6
  let headBias: Int

  /// Taps, windows in a row, floats under one window's row (taps * colours), rows of a block.
  let taps = Architecture.discriminatorTaps, windows: Int, span: Int, block: Int

  /// sigma of each layer, as of the last forward pass.
  var sigmas = [Float](repeating: 1, count: Architecture.discriminatorLayers)
  let expanded: FloatBuffer  // (patches, side, windows, taps * colours)
  let hidden: [FloatBuffer]  // layers 2...6 before batch norm, (N, 64)
  let logits: FloatBuffer  // (N)
  let activations: FloatBuffer  // (block, 64), of the layer in work
  let scratch = FloatBuffer(Architecture.width)

  // Weights over sigma, as the products want them.
  let first: FloatBuffer  // (taps * taps * colours, 64): layer 1, transposed, colours innermost
  let second: FloatBuffer  // (out, in): layer 2
  private let secondInward = FloatBuffer(Architecture.width * Architecture.width)  // (in, out)
  let pair: FloatBuffer  // (taps * taps * colours, 64): layers 1 and 2 as one
  let inward: [FloatBuffer]  // layers 3...6, (in, out): what the forward products want
  let outward: [FloatBuffer]  // layers 3...6, (out, in): what the backward products want
  let head: FloatBuffer  // (64): layer 7
  /// Where column (colour, row, column) of layer 1's weight goes among (row, column, colour).
  private let coloursInnermost: [Int32]

  private let products: ForwardProducts

  /// The matrix products of the forward pass.
  struct ForwardProducts {
    let pair, firstTap, nextTap, hidden: MatrixProduct

    init(block: Int, span: Int, taps: Int) throws(NumericsError) {
      let w = Architecture.width
      pair = try MatrixProduct(m: w, n: span * taps, k: w)
      firstTap = try MatrixProduct(m: w, n: block, k: span)
      nextTap = try MatrixProduct(m: w, n: block, k: span, accumulating: true)
      hidden = try MatrixProduct(m: w, n: block, k: w)
    }
  }

  /// - Parameter patches: patches in a batch; batch norm's statistics run over all of them.
  init(_ architecture: Architecture, patches: Int) throws(NumericsError) {
    self.architecture = architecture
    self.patches = patches
    unit = try VectorUnit.current()
    let w = Architecture.width
    let side = architecture.patchSide
    windows = architecture.mapSide
    rows = patches * windows * windows
    span = taps * Architecture.colours
    block = 2 * windows
    spectral = (1...Architecture.discriminatorLayers).map { SpectralNorm(layer: $0, of: architecture) }
    norms = Architecture.normalisedLayers.map { BatchNorm(layer: $0, of: architecture) }
    headBias = architecture.layout["discriminator.conv7.bias"]?.offset ?? 0
    expanded = FloatBuffer(patches * side * windows * span)
    hidden = Architecture.normalisedLayers.map { [rows] _ in FloatBuffer(rows * w) }
    logits = FloatBuffer(rows)
    activations = FloatBuffer(block * w)
    (first, second) = (FloatBuffer(span * taps * w), FloatBuffer(w * w))
    pair = FloatBuffer(span * taps * w)
    inward = (3...6).map { _ in FloatBuffer(w * w) }
    outward = (3...6).map { _ in FloatBuffer(w * w) }
    head = FloatBuffer(w)
    coloursInnermost = Self.coloursInnermost(taps: taps)
    products = try ForwardProducts(block: block, span: span, taps: taps)
  }

  private static func coloursInnermost(taps: Int) -> [Int32] {
    let area = taps * taps
    return (0..<Architecture.colours * area).map { Int32($0 % area * Architecture.colours + $0 / area) }
  }

  // MARK: forward

  /// Logits of a batch `images` (patches, 3, side, side). Advances u and v in `state` by one power iteration.
  func forward(_ images: UnsafePointer<Float>, _ state: UnsafeMutablePointer<Float>) {
    normaliseWeights(state)
    let side = architecture.patchSide
    let image = Architecture.colours * side * side
    for p in 0..<patches {
      unit.loops.expand(images + p * image, side, taps, expanded.pointer + p * side * windows * span)
    }
    forBlocks { start, expandedStart in
      let y = hidden[0].pointer + start * Architecture.width
      for tap in 0..<taps {
        let product = tap == 0 ? products.firstTap : products.nextTap
        let rows = expanded.pointer + expandedStart + tap * windows * span
        product(pair.pointer + tap * span * Architecture.width, rows, y)
      }
      addMoments(of: norms[0], y, first: start == 0)
    }
    norms[0].finish(rows: rows, state)
    for layer in 1..<norms.count { forwardHidden(layer, state) }
    forBlocks { start, _ in
      activate(norms.count - 1, start)
      unit.loops.head(activations.pointer, block, head.pointer, state[headBias], logits.pointer + start)
    }
  }

  private func forwardHidden(_ layer: Int, _ state: UnsafePointer<Float>) {
    forBlocks { start, _ in
      activate(layer - 1, start)
      let y = hidden[layer].pointer + start * Architecture.width
      products.hidden(inward[layer - 1].pointer, activations.pointer, y)
      addMoments(of: norms[layer], y, first: start == 0)
    }
    norms[layer].finish(rows: rows, state)
  }

  /// One power iteration of every layer, and the weights over the new sigmas.
  private func normaliseWeights(_ state: UnsafeMutablePointer<Float>) {
    let w = Architecture.width
    let loops = unit.loops
    for (i, norm) in spectral.enumerated() {
      sigmas[i] = norm.iterate(state, scratch: scratch.pointer, unit: unit)
    }
    loops.transpose_scaled(
      first.pointer, state + spectral[0].weight, w, span * taps, coloursInnermost, 1 / sigmas[0])
    loops.scale(second.pointer, state + spectral[1].weight, 1 / sigmas[1], w * w)
    for i in 0..<inward.count {
      let weight = state + spectral[i + 2].weight
      loops.transpose_scaled(inward[i].pointer, weight, w, w, nil, 1 / sigmas[i + 2])
      loops.scale(outward[i].pointer, weight, 1 / sigmas[i + 2], w * w)
    }
    loops.scale(head.pointer, state + spectral[6].weight, 1 / sigmas[6], w)
    loops.transpose_scaled(secondInward.pointer, second.pointer, w, w, nil, 1)
    products.pair(secondInward.pointer, first.pointer, pair.pointer)
  }

  private func addMoments(of norm: BatchNorm, _ y: UnsafePointer<Float>, first: Bool) {
    if first { norm.begin(firstRow: y) }
    unit.loops.moments(y, block, norm.origin.pointer, norm.sums.pointer, norm.products.pointer)
  }

  // MARK: what both passes share

  /// `activations` = ReLU of the normalised layer (0 is layer 2), rows start..<start + block.
  func activate(_ layer: Int, _ start: Int) {
    let y = hidden[layer].pointer + start * Architecture.width
    unit.loops.normalise_relu(y, block, norms[layer].normalisation, activations.pointer)
  }

  /// Visits the blocks of rows in order, each with where its windows' first row begins in `expanded`.
  @inline(__always)
  func forBlocks(_ body: (_ start: Int, _ expandedStart: Int) -> Void) {
    var start = 0
    for patch in 0..<patches {
      for row in stride(from: 0, to: windows, by: block / windows) {
        body(start, (patch * architecture.patchSide + row) * windows * span)
        start += block
      }
    }
  }
}
