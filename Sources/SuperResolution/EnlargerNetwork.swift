import CLoops
import Numerics

/// The enlarger's convolutional part, which works on the given picture's grid: s x s pixels of the enlarged picture are
/// folded into 3 s^2 channels, 64 channels of features go through residual blocks and from stage to stage, and what comes
/// out is unfolded and added. A workspace for pictures of one size; 360 bytes a given pixel at scale 2, 550 at scale 4.
final class EnlargerNetwork {
  /// Convolutions with their activations that one stage counts as for progress.
  static let stepsPerStage = EnlargerWeights.blocks + 1

  private let scale: Int
  private let width: Int, height: Int
  private let unit: VectorUnit
  /// Folded picture, given picture, noise level, zeros up to a multiple of 16: (height, width, channels).
  private let input: FeatureMap
  private let features: FeatureMap
  private let between: FeatureMap
  private let last: FeatureMap
  private let heads: Winograd, blocks: Winograd, tails: Winograd

  /// - Parameters:
  ///   - picture: the given one, in its frame.
  ///   - noise: its standard deviation, of values in [0, 1].
  /// - Throws: `SuperResolutionError.numerics` where there is no vector unit.
  convenience init(_ picture: Planes, noise: Double, scale: Int) throws(SuperResolutionError) {
    do { try self.init(size: (picture.width, picture.height), scale: scale) } catch {
      throw .numerics("\(error)")
    }
    loadPicture(picture, noise: noise)
  }

  private init(size: (width: Int, height: Int), scale: Int) throws(NumericsError) {
    (self.scale, width, height) = (scale, size.width, size.height)
    let unit = try VectorUnit.current()
    let inputs = Convolution3x3.padded(EnlargerWeights.pictureInputs(scale: scale))
    let outputs = Convolution3x3.padded(3 * scale * scale)
    let channels = EnlargerWeights.channels
    input = FeatureMap(width: size.width, height: size.height, channels: inputs)
    features = FeatureMap(width: size.width, height: size.height, channels: channels)
    between = FeatureMap(width: size.width, height: size.height, channels: channels, slots: 12)
    last = FeatureMap(width: size.width, height: size.height, channels: outputs, slots: 4)
    heads = try Winograd(inputs: inputs, outputs: channels, unit)
    blocks = try Winograd(channels: channels, unit)
    tails = try Winograd(inputs: channels, outputs: outputs, unit)
    self.unit = unit
  }

  private var bands: Range<Int> { 0..<(height + 3) / 4 }

  /// Adds one stage's result to the enlarged picture.
  /// - Parameters:
  ///   - offset: where the grid begins in the enlarged picture, which repeats.
  ///   - check: called before each band; what it throws ends the work.
  func run<Stop: Error>(
    _ stage: EnlargerWeights.Stage, on large: Planes, offset: (x: Int, y: Int),
    check: () throws(Stop) -> Void, onStep: () -> Void
  ) throws(Stop) {
    let grid = FoldedGrid(large, scale: scale, offset: offset)
    for row in 0..<height { grid.fold(row, into: input.row(row), channels: input.channels) }
    if let carried = stage.carried {
      try mix(stage.head, carried, check: check)
    } else {
      for band in bands {
        try check()
        heads.run(stage.head, band: band, from: input, to: features, ending: CKERNELS_STORE)
      }
    }
    onStep()
    for block in stage.blocks {
      try blocks.run(block, on: features, between: between, check: check)
      onStep()
    }
    for band in bands {
      try check()
      tails.run(stage.tail, band: band, from: features, to: last, ending: CKERNELS_STORE)
      for row in 4 * band..<min(4 * band + 4, height) {
        grid.add(row, from: last.row(row), channels: last.channels)
      }
    }
  }

  /// features = head(input) + carried(features), a band late: band b of the convolution still looks at row 4 b - 1 of the
  /// old features.
  private func mix<Stop: Error>(
    _ head: Convolution3x3, _ carried: Convolution3x3, check: () throws(Stop) -> Void
  ) throws(Stop) {
    for band in bands {
      try check()
      heads.run(head, band: band, from: input, to: between, ending: CKERNELS_STORE)
      blocks.run(carried, band: band, from: features, to: between, ending: CKERNELS_ADD)
      if band > 0 { keep(band - 1) }
    }
    keep(bands.count - 1)
  }

  private func keep(_ band: Int) {
    for row in 4 * band..<min(4 * band + 4, height) {
      features.row(row).update(from: between.row(row), count: width * features.channels)
    }
  }

  /// What all stages see alike.
  private func loadPicture(_ picture: Planes, noise: Double) {
    let first = 3 * scale * scale
    for y in 0..<height {
      let row = input.row(y)
      for channel in 0..<3 {
        let source = picture.plane(channel) + y * width
        for x in 0..<width { row[input.channels * x + first + channel] = source[x] }
      }
      for x in 0..<width { row[input.channels * x + first + 3] = Float(10 * noise) }
    }
  }
}

/// An enlarged picture as rows of its pixels folded by s x s: channel c s^2 + dy s + dx (PyTorch's pixel_unshuffle).
private struct FoldedGrid {
  let picture: Planes
  let scale: Int
  let offset: (x: Int, y: Int)

  init(_ picture: Planes, scale: Int, offset: (x: Int, y: Int)) {
    (self.picture, self.scale) = (picture, scale)
    self.offset = (modulo(offset.x, picture.width), modulo(offset.y, picture.height))
  }

  func fold(_ row: Int, into target: UnsafeMutablePointer<Float>, channels: Int) {
    visit(row) { channel, column, pixel in target[column * channels + channel] = pixel.pointee }
  }

  func add(_ row: Int, from source: UnsafeMutablePointer<Float>, channels: Int) {
    visit(row) { channel, column, pixel in pixel.pointee += source[column * channels + channel] }
  }

  @inline(__always)
  private func visit(
    _ row: Int, _ body: (_ channel: Int, _ column: Int, _ pixel: UnsafeMutablePointer<Float>) -> Void
  ) {
    let columns = picture.width / scale
    for part in 0..<3 * scale {
      let (colour, dy) = (part / scale, part % scale)
      let line = picture.plane(colour) + (scale * row + dy + offset.y) % picture.height * picture.width
      var x = offset.x
      for column in 0..<columns {
        for dx in 0..<scale {
          body(part * scale + dx, column, line + x)
          x = x + 1 == picture.width ? 0 : x + 1
        }
      }
    }
  }
}
