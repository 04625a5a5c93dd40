import CLoops
import Numerics

/// A 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast algorithms for convolutional neural networks",
/// CVPR 2016): a tile of 4x4 outputs from 6x6 inputs takes 36 products of channels in place of 144.
///
/// Both gradients use the same transforms. The gradient by the input is the convolution of the output's gradient,
/// surrounded by two zeros, with the weights turned by 180 degrees. For the gradient by the weights, the products of
/// transformed inputs and transformed output gradients are summed at each of the 36 places, and the sums are
/// transformed back.
final class WinogradConvolution: ConvolutionEngine {
  private let inputs: Int, outputs: Int
  private let workspace: Workspace
  private let forward: WinogradPass, back: WinogradPass
  private let sum: PixelSum
  /// (9, outputs, inputs)
  private let transposed: FloatBuffer
  /// The 36 products' gradients, (36, inputs, outputs).
  private let slopes: FloatBuffer

  /// - Parameters:
  ///   - inputs: channels as stored, like outputs.
  init(inputs: Int, outputs: Int, _ workspace: Workspace) throws(NumericsError) {
    (self.inputs, self.outputs, self.workspace) = (inputs, outputs, workspace)
    forward = try WinogradPass(inputs: inputs, outputs: outputs, workspace)
    back = try WinogradPass(inputs: outputs, outputs: inputs, workspace)
    sum = try PixelSum(m: outputs, n: inputs)
    transposed = FloatBuffer(9 * inputs * outputs)
    slopes = FloatBuffer(36 * inputs * outputs)
  }

  func forward(_ padded: Map, _ weight: FloatBuffer, bias: FloatBuffer?, into output: Map) {
    forward.load(weight, flipped: false)
    forward.run(padded, bias: bias, into: output)
  }

  func backward(_ gradient: Map, input padded: Map, _ weight: Parameter) -> Map {
    let surrounded = workspace.surrounded(gradient, by: 2)
    addSlopes(of: surrounded, padded, to: weight.gradient)
    let block = inputs * outputs
    for tap in 0..<9 {
      workspace.unit.loops.transpose_scaled(
        transposed.pointer + tap * block, weight.values.pointer + tap * block, inputs, outputs, nil, 1)
    }
    back.load(transposed, flipped: true)
    let result = workspace.map(padded.shape)
    back.run(surrounded, bias: nil, into: result)
    return result
  }

  private func addSlopes(of surrounded: Map, _ padded: Map, to gradient: FloatBuffer) {
    slopes.clear()
    let tiles = Tiles(of: padded.shape)
    for batch in tiles.batches(of: WinogradPass.tiles) {
      let whole = (batch.count + PixelProduct.block - 1) / PixelProduct.block * PixelProduct.block
      forward.gather(padded, batch)
      back.gather(gradient: surrounded, batch, whole: whole)
      for point in 0..<36 {
        sum(
          back.gathered.pointer + point * back.gatheredStride,
          forward.gathered.pointer + point * forward.gatheredStride,
          into: slopes.pointer + point * inputs * outputs, pixels: whole)
      }
    }
    workspace.loops.winograd_weights_backward(
      slopes.pointer, inputs * outputs, inputs * outputs, gradient.pointer)
  }
}

/// The 4x4 tiles that cover a convolution's outputs, row after row of tiles, picture after picture.
struct Tiles {
  /// Tiles side by side in one row of one picture.
  struct Run {
    let picture: Int, row: Int, column: Int, count: Int
    /// The number of its first tile among those computed together.
    let place: Int
  }

  private let across: Int, down: Int, pictures: Int

  /// - Parameter padded: the input's shape, two rows and columns larger than the output.
  init(of padded: MapShape) {
    (across, down, pictures) = ((padded.width + 1) / 4, (padded.height + 1) / 4, padded.batch)
  }

  /// All tiles, so many at a time, each time in runs.
  func batches(of size: Int) -> [(runs: [Run], count: Int)] {
    let total = pictures * down * across
    return stride(from: 0, to: total, by: size).map { start in
      let end = min(start + size, total)
      var runs: [Run] = []
      var next = start
      while next < end {
        let (line, column) = (next / across, next % across)
        let count = min(across - column, end - next)
        runs.append(
          Run(picture: line / down, row: line % down, column: column, count: count, place: next - start))
        next += count
      }
      return (runs, end - start)
    }
  }
}

/// Convolutions with one set of transformed weights.
final class WinogradPass {
  private let inputs: Int, outputs: Int
  private let workspace: Workspace
  private let products: [(offset: Int, product: MatrixProduct)]
  /// (36, inputs, outputs), 16 floats more a place.
  private let weights: FloatBuffer
  private let weightStride: Int
  /// (36, tiles, channels), 16 floats more a place: 4096 bytes apart they would share one set of the cache.
  let gathered: FloatBuffer
  let gatheredStride: Int
  private let results: FloatBuffer
  private let resultStride: Int
  /// A row of zeros, for rows below the map.
  private var zeros = FloatBuffer(0)

  /// The tiles that are computed together.
  static let tiles = 32

  init(inputs: Int, outputs: Int, _ workspace: Workspace) throws(NumericsError) {
    (self.inputs, self.outputs, self.workspace) = (inputs, outputs, workspace)
    products = try exactParts(outputs).map { offset, rows throws(NumericsError) in
      let product = try MatrixProduct(m: rows, n: Self.tiles, k: inputs, lda: outputs, ldc: outputs)
      return (offset, product)
    }
    weightStride = inputs * outputs + 16
    weights = FloatBuffer(36 * weightStride)
    gatheredStride = Self.tiles * inputs + 16
    gathered = FloatBuffer(36 * gatheredStride)
    resultStride = Self.tiles * outputs + 16
    results = FloatBuffer(36 * resultStride)
  }

  /// - Parameters:
  ///   - weight: (9, inputs, outputs).
  ///   - flipped: turned by 180 degrees.
  func load(_ weight: FloatBuffer, flipped: Bool) {
    workspace.loops.winograd_weights(
      weight.pointer, inputs * outputs, flipped ? 1 : 0, weights.pointer, weightStride)
  }

  func run(_ padded: Map, bias: FloatBuffer?, into output: Map) {
    for batch in Tiles(of: padded.shape).batches(of: Self.tiles) {
      gather(padded, batch)
      for point in 0..<36 {
        for (offset, product) in products {
          product(
            weights.pointer + point * weightStride + offset, gathered.pointer + point * gatheredStride,
            results.pointer + point * resultStride + offset)
        }
      }
      if let bias { add(bias) }
      for run in batch.runs { scatter(run, into: output) }
    }
  }

  /// A value in this one of the 36 results appears in all sixteen outputs alike.
  private static let biasPoint = 7

  private func add(_ bias: FloatBuffer) {
    for tile in 0..<Self.tiles {
      let result = results.pointer + Self.biasPoint * resultStride + tile * outputs
      workspace.unit.loops.add_scaled(result, bias.pointer, 1, outputs)
    }
  }

  /// The transformed inputs of tiles. A tile that reaches beyond the last column looks at the next row's first ones,
  /// which has no part in the outputs that are kept.
  func gather(_ padded: Map, _ batch: (runs: [Tiles.Run], count: Int)) {
    for run in batch.runs {
      let rows = (0..<6).map { row(4 * run.row + $0, under: run, of: padded) }
      workspace.unit.loops.winograd_gather(
        rows, run.count, inputs, gathered.pointer + run.place * inputs, gatheredStride)
    }
  }

  /// The transformed output gradients of tiles, zeros from there to `whole` of them.
  /// - Parameter surrounded: the gradient with two zeros around it.
  func gather(gradient surrounded: Map, _ batch: (runs: [Tiles.Run], count: Int), whole: Int) {
    for run in batch.runs {
      let rows = (0..<4).map { row(4 * run.row + 2 + $0, under: run, of: surrounded).map { $0 + 2 * inputs } }
      workspace.loops.winograd_outputs_backward(
        rows, run.count, inputs, gathered.pointer + run.place * inputs, gatheredStride)
    }
    for point in 0..<36 {
      let rest = gathered.pointer + point * gatheredStride + batch.count * inputs
      rest.update(repeating: 0, count: (whole - batch.count) * inputs)
    }
  }

  /// Row `y` of the run's picture from the run's first column on; zeros below the map.
  private func row(_ y: Int, under run: Tiles.Run, of map: Map) -> UnsafePointer<Float>? {
    if y < map.shape.height { return UnsafePointer(map.pixel(y, 4 * run.column, of: run.picture)) }
    let needed = (4 * run.count + 4) * inputs
    if zeros.count < needed { zeros = FloatBuffer(needed) }
    return UnsafePointer(zeros.pointer)
  }

  private func scatter(_ run: Tiles.Run, into output: Map) {
    let shape = output.shape
    let (top, left) = (4 * run.row, 4 * run.column)
    let count = min(4, shape.height - top)
    let rows = (0..<count).map { Optional(output.pixel(top + $0, left, of: run.picture)) }
    workspace.unit.loops.winograd_scatter(
      results.pointer + run.place * outputs, resultStride, min(4 * run.count, shape.width - left), outputs,
      rows, count, CKERNELS_STORE)
  }
}

extension Workspace {
  /// The map with zeros around it.
  func surrounded(_ map: Map, by border: Int) -> Map {
    let shape = map.shape
    let result = zeros(shape.padded(by: border))
    for picture in 0..<shape.batch {
      for y in 0..<shape.height {
        result.pixel(y + border, border, of: picture).update(
          from: map.pixel(y, 0, of: picture), count: shape.width * shape.stored)
      }
    }
    return result
  }
}
