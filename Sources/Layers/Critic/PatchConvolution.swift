import Numerics

/// A convolution of 32 channels to 32 without padding, over one place or 3x3 places, on a batch of patches.
///
/// Weights are (taps, inputs, outputs), outputs last. Products are libxsmm's on rows of pixels, exact on all processors.
struct PatchConvolution {
  private static let channels = FeatureBatch.channels, weightsPerTap = channels * channels

  /// Side of the window: 1 or 3.
  let reach: Int
  /// Pixels that one product covers: an output row, or a whole patch where windows have one place.
  private let run: Int, runs: Int
  private let storing: MatrixProduct, adding: MatrixProduct, weighing: MatrixProduct
  var weightCount: Int { reach * reach * Self.weightsPerTap }

  /// - Parameter side: of the input.
  init(reach: Int, side: Int) throws(NumericsError) {
    self.reach = reach
    let output = side - reach + 1
    (run, runs) = reach == 1 ? (output * output, 1) : (output, output)
    let n = Self.channels
    storing = try MatrixProduct(m: n, n: run, k: n)
    adding = try MatrixProduct(m: n, n: run, k: n, accumulating: true)
    weighing = try MatrixProduct(m: n, n: n, k: run, transposedB: true, accumulating: true)
  }

  /// output = the convolution of input.
  /// - Parameter weight: (taps, inputs, outputs).
  func forward(_ weight: UnsafePointer<Float>, from input: FeatureBatch, to output: FeatureBatch) {
    eachRun(from: input, to: output) { x, y, tap in
      (tap == 0 ? storing : adding)(weight + tap * Self.weightsPerTap, x, y)
    }
  }

  /// input = the gradient by the input, from the gradient by the output.
  /// - Parameter transposed: the weights with outputs before inputs (see `transpose`).
  func backward(_ transposed: UnsafePointer<Float>, from output: FeatureBatch, to input: FeatureBatch) {
    if reach > 1 { input.buffer.clear() }
    eachRun(from: input, to: output) { x, y, tap in
      (reach == 1 ? storing : adding)(transposed + tap * Self.weightsPerTap, y, x)
    }
  }

  /// weight += the gradient by the weights.
  func addWeightGradient(
    _ input: FeatureBatch, _ output: FeatureBatch, to weight: UnsafeMutablePointer<Float>
  ) {
    eachRun(from: input, to: output) { x, y, tap in weighing(y, x, weight + tap * Self.weightsPerTap) }
  }

  /// (taps, outputs, inputs) from (taps, inputs, outputs).
  func transpose(_ weight: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>) {
    let n = Self.channels
    for i in 0..<weightCount {
      let (tap, from, to) = (i / n / n, i / n % n, i % n)
      out[(tap * n + to) * n + from] = weight[i]
    }
  }

  /// Every run of output pixels with the run of input pixels that each tap sees.
  @inline(__always)
  private func eachRun(
    from input: FeatureBatch, to output: FeatureBatch,
    _ body: (_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ tap: Int) -> Void
  ) {
    precondition(input.samples == output.samples && input.side == output.side + reach - 1)
    for sample in 0..<input.samples {
      for row in 0..<runs {
        let y = output.row(row, of: sample)
        for tap in 0..<reach * reach {
          body(input.row(row + tap / reach, of: sample) + tap % reach * Self.channels, y, tap)
        }
      }
    }
  }
}

/// The critic's first and last layer have 3 input channels and one output channel. Both become convolutions over one place:
/// the first of windows laid out in 27 channels, the last to 9 channels of which each is one tap's share.
enum PatchEnds {
  /// windows (samples, side - 2, side - 2, 32) of planes (samples, 3, side, side), colours last; 5 channels stay as they are.
  static func unfold(_ planes: UnsafePointer<Float>, _ windows: FeatureBatch) {
    eachWindow(windows) { place, channel, plane in windows.buffer.pointer[place + channel] = planes[plane] }
  }

  /// The transpose: planes = the sum over windows.
  static func fold(_ windows: FeatureBatch, _ planes: FloatBuffer) {
    planes.clear()
    eachWindow(windows) { place, channel, plane in
      planes.pointer[plane] += windows.buffer.pointer[place + channel]
    }
  }

  private static func eachWindow(
    _ windows: FeatureBatch, _ body: (_ place: Int, _ channel: Int, _ plane: Int) -> Void
  ) {
    let (side, area) = (windows.side + 2, (windows.side + 2) * (windows.side + 2))
    for pixel in 0..<windows.count {
      let (sample, row, column) = (
        pixel / windows.pixels, pixel % windows.pixels / windows.side, pixel % windows.side
      )
      for tap in 0..<9 {
        let plane = sample * 3 * area + (row + tap / 3) * side + column + tap % 3
        for colour in 0..<3 { body(pixel * FeatureBatch.channels, tap * 3 + colour, plane + colour * area) }
      }
    }
  }

  /// map (samples, side - 2, side - 2) = the sum of every tap's share.
  static func gather(_ shares: FeatureBatch, _ map: UnsafeMutablePointer<Float>) {
    eachShare(shares) { at, tap, share in map[at] = (tap == 0 ? 0 : map[at]) + shares.buffer.pointer[share] }
  }

  /// The transpose; channels beyond 9 stay as they are.
  static func scatter(_ map: UnsafePointer<Float>, _ shares: FeatureBatch) {
    shares.buffer.clear()
    eachShare(shares) { at, _, share in shares.buffer.pointer[share] = map[at] }
  }

  private static func eachShare(_ shares: FeatureBatch, _ body: (_ at: Int, _ tap: Int, _ share: Int) -> Void)
  {
    let side = shares.side - 2
    for at in 0..<shares.samples * side * side {
      let (sample, row, column) = (at / side / side, at / side % side, at % side)
      for tap in 0..<9 {
        let pixel = sample * shares.pixels + (row + tap / 3) * shares.side + column + tap % 3
        body(at, tap, pixel * FeatureBatch.channels + tap)
      }
    }
  }
}
