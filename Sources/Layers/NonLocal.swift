import Numerics

/// A non-local block of the dot-product kind (Wang, Girshick, Gupta, He: "Non-local neural networks", CVPR 2018):
///
///     out = x + norm(W y),  y_i = 1/n sum over pixels j of (theta x_i . phi x_j) g x_j
///
/// with n pixels, and pointwise convolutions theta, phi, g and W through half of the channels. The sum over j is
/// taken first, since theta and phi are only multiplied; the cost is n times channels squared. The norm is a batch
/// norm whose gain starts at 0, so that the block starts as the identity (section 4.1 of the paper).
package final class NonLocal: Layer {
  package let parameters: [Parameter]
  private let theta: Convolution, phi: Convolution, g: Convolution, out: Convolution
  private let norm: Normalisation
  private let half: Int
  private let workspace: Workspace
  private let sum: PixelSum, product: PixelProduct
  private var kept: Kept?

  /// Maps of the last forward pass; one matrix phi^T g / n, (half, half), a picture.
  private struct Kept {
    let theta: Map, phi: Map, g: Map
    let matrices: [FloatBuffer]
  }

  /// - Parameter channels: a multiple of 32.
  /// - Throws: `NumericsError` where libxsmm generates no product.
  package init(channels: Int, in workspace: Workspace, using random: inout Philox) throws(NumericsError) {
    precondition(channels % 32 == 0, "half of \(channels) channels are not stored as they are")
    half = channels / 2
    self.workspace = workspace
    theta = try Convolution(inputs: channels, outputs: half, .pointwise, in: workspace, using: &random)
    phi = try Convolution(inputs: channels, outputs: half, .pointwise, in: workspace, using: &random)
    g = try Convolution(inputs: channels, outputs: half, .pointwise, in: workspace, using: &random)
    out = try Convolution(
      inputs: half, outputs: channels, .pointwise, hasBias: false, in: workspace, using: &random)
    norm = Normalisation(channels: channels, gain: 0, in: workspace)
    parameters = [theta, phi, g, out].flatMap(\.parameters) + norm.parameters
    sum = try PixelSum(m: half, n: half)
    product = try PixelProduct(m: half, k: half)
  }

  package func forward(_ input: Map) -> Map {
    let (theta, phi, g) = (theta.forward(input), phi.forward(input), g.forward(input))
    let matrices = (0..<input.shape.batch).map { sums(of: g, and: phi, picture: $0) }
    kept = Kept(theta: theta, phi: phi, g: g, matrices: matrices)
    let y = workspace.map(theta.shape)
    for (picture, matrix) in matrices.enumerated() { apply(matrix, to: theta, into: y, picture) }
    let output = norm.forward(out.forward(y))
    output.add(input)
    return output
  }

  package func backward(_ gradient: Map) -> Map {
    guard let kept else { preconditionFailure("backward without forward") }
    self.kept = nil
    let dy = out.backward(norm.backward(gradient.copy()))
    let shape = dy.shape
    let (dTheta, dPhi, dG) = (workspace.map(shape), workspace.map(shape), workspace.map(shape))
    for (picture, matrix) in kept.matrices.enumerated() {
      let slopes = sums(of: dy, and: kept.theta, picture: picture)
      apply(transposed(matrix), to: dy, into: dTheta, picture)
      apply(slopes, to: kept.phi, into: dG, picture)
      apply(transposed(slopes), to: kept.g, into: dPhi, picture)
    }
    gradient.add(theta.backward(dTheta))
    gradient.add(phi.backward(dPhi))
    gradient.add(g.backward(dG))
    return gradient
  }

  /// The mean over a picture's pixels of the products of its left and right channels: (right, left).
  private func sums(of left: Map, and right: Map, picture: Int) -> FloatBuffer {
    let matrix = FloatBuffer(half * half)
    let pixels = left.shape.height * left.shape.width
    let whole = pixels / PixelProduct.block * PixelProduct.block
    let (a, b) = (left.pixel(0, 0, of: picture), right.pixel(0, 0, of: picture))
    sum(a, b, into: matrix.pointer, pixels: whole)
    if whole < pixels {
      let (lastA, lastB) = (
        FloatBuffer(PixelProduct.block * half), FloatBuffer(PixelProduct.block * half)
      )
      lastA.pointer.update(from: a + whole * half, count: (pixels - whole) * half)
      lastB.pointer.update(from: b + whole * half, count: (pixels - whole) * half)
      sum(lastA.pointer, lastB.pointer, into: matrix.pointer, pixels: PixelProduct.block)
    }
    workspace.unit.loops.scale(matrix.pointer, matrix.pointer, 1 / Float(pixels), matrix.count)
    return matrix
  }

  /// Multiplies a picture's pixels by a matrix. Pictures go in order: the product may write beyond the last pixel,
  /// into the next picture or the slack.
  private func apply(_ matrix: FloatBuffer, to map: Map, into result: Map, _ picture: Int) {
    product(
      matrix.pointer, map.pixel(0, 0, of: picture), into: result.pixel(0, 0, of: picture),
      pixels: map.shape.height * map.shape.width)
  }

  private func transposed(_ matrix: FloatBuffer) -> FloatBuffer {
    let result = FloatBuffer(matrix.count)
    workspace.unit.loops.transpose_scaled(result.pointer, matrix.pointer, half, half, nil, 1)
    return result
  }
}
