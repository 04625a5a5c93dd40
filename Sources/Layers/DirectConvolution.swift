import Numerics

/// A convolution as matrix products, tap by tap: outputs of a row are the sum over taps of W[tap] times the inputs of that
/// row under the tap.
final class DirectConvolution: ConvolutionEngine {
  private let inputs: Int, outputs: Int
  private let form: Convolution.Form
  private let workspace: Workspace
  private let storing: PixelProduct, accumulating: PixelProduct
  /// These two make the gradients of the input and of the weights.
  private let back: PixelProduct
  private let sum: PixelSum
  /// (taps, outputs, inputs)
  private let transposed: FloatBuffer

  /// Pixels of a row at a time, where rows are long.
  private static let longest = 256

  /// - Parameters:
  ///   - inputs: channels as stored, like outputs.
  init(inputs: Int, outputs: Int, _ form: Convolution.Form, _ workspace: Workspace) throws(NumericsError) {
    (self.inputs, self.outputs, self.form, self.workspace) = (inputs, outputs, form, workspace)
    let stride = form.stride * inputs
    storing = try PixelProduct(m: outputs, k: inputs, inputStride: stride)
    accumulating = try PixelProduct(m: outputs, k: inputs, inputStride: stride, accumulating: true)
    back = try PixelProduct(m: inputs, k: outputs, outputStride: stride, accumulating: true)
    sum = try PixelSum(m: outputs, n: inputs, stride: stride)
    transposed = FloatBuffer(form.side * form.side * inputs * outputs)
  }

  /// A row of outputs runs over into the next one, which is computed after it; the last into the map's slack.
  func forward(_ padded: Map, _ weight: FloatBuffer, bias: FloatBuffer?, into output: Map) {
    for row in rows(padded, output) {
      if let bias {
        for pixel in 0..<row.count {
          (output.pointer + (row.output + pixel) * outputs).update(from: bias.pointer, count: outputs)
        }
      }
      for tap in 0..<form.side * form.side {
        let product = tap == 0 && bias == nil ? storing : accumulating
        product(
          weight.pointer + tap * inputs * outputs, padded.pointer + place(of: tap, row, padded) * inputs,
          into: output.pointer + row.output * outputs, pixels: row.count)
      }
    }
  }

  func backward(_ gradient: Map, input padded: Map, _ weight: Parameter) -> Map {
    let taps = form.side * form.side
    let block = inputs * outputs
    for tap in 0..<taps {
      workspace.unit.loops.transpose_scaled(
        transposed.pointer + tap * block, weight.values.pointer + tap * block, inputs, outputs, nil, 1)
    }
    let result = workspace.zeros(padded.shape)
    let line = FloatBuffer((Self.longest + PixelProduct.block) * outputs)
    for row in rows(padded, gradient) {
      let whole = (row.count + PixelProduct.block - 1) / PixelProduct.block * PixelProduct.block
      line.pointer.update(from: gradient.pointer + row.output * outputs, count: row.count * outputs)
      (line.pointer + row.count * outputs).update(repeating: 0, count: (whole - row.count) * outputs)
      for tap in 0..<taps {
        let place = place(of: tap, row, padded) * inputs
        sum(line.pointer, padded.pointer + place, into: weight.gradient.pointer + tap * block, pixels: whole)
        back(transposed.pointer + tap * block, line.pointer, into: result.pointer + place, pixels: whole)
      }
    }
    return result
  }

  /// A run of outputs that lie side by side: numbers of the first output's pixel, and of the input's under its first tap.
  private struct Row {
    let output: Int, input: Int, count: Int
  }

  private func rows(_ padded: Map, _ output: Map) -> [Row] {
    let (from, to) = (padded.shape, output.shape)
    if form.side == 1 && form.stride == 1 { return Self.parts(Row(output: 0, input: 0, count: to.pixels), 1) }
    return (0..<to.batch * to.height).flatMap { number in
      let (picture, y) = (number / to.height, number % to.height)
      let input = (picture * from.height + form.stride * y) * from.width
      return Self.parts(Row(output: number * to.width, input: input, count: to.width), form.stride)
    }
  }

  private static func parts(_ row: Row, _ step: Int) -> [Row] {
    stride(from: 0, to: row.count, by: longest).map { start in
      Row(
        output: row.output + start, input: row.input + start * step,
        count: min(longest, row.count - start))
    }
  }

  private func place(of tap: Int, _ row: Row, _ padded: Map) -> Int {
    row.input + tap / form.side * padded.shape.width + tap % form.side
  }
}
