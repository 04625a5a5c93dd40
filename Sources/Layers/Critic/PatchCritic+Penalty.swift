import Numerics

/// The gradient penalty of Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017: the critic's gradient by
/// a patch should have norm 1.
///
/// The penalty's gradient by the parameters needs second derivatives. The gradient of |g|, g = dF/dx, is the gradient
/// of v.g with v = g / |g| held fixed, and v.g is the derivative of F along v. So one pass carries that derivative
/// (tangent) through the layers, and one pass back computes the gradient of the tangent's sum.
extension PatchCritic {
  /// Adds the gradient of weight * mean (|g| - 1)^2 at `patches` to `gradient`; the mean is over samples.
  /// - Parameters:
  ///   - patches: (samples, 3, side, side).
  ///   - direction: a buffer of the same size, which is overwritten.
  /// - Returns: the penalty, with its weight.
  package func addPenalty(_ patches: FloatBuffer, weight: Double, direction: FloatBuffer) -> Double {
    forward(patches)
    backward(factor: 1, adding: false, patches: direction)
    let count = direction.count / samples
    var total = 0.0
    for sample in 0..<samples {
      let slope = direction.pointer + sample * count
      var squares = 0.0
      for i in 0..<count { squares += Double(slope[i]) * Double(slope[i]) }
      let norm = squares.squareRoot()
      total += (norm - 1) * (norm - 1)
      let factor = Float(2 * weight / Double(samples) * (norm - 1) / max(norm, 1e-12))
      for i in 0..<count { slope[i] *= factor }
    }
    addTangentGradient(direction)
    return total * weight / Double(samples)
  }

  /// Adds a gradient by the parameters to `gradient`: that of the derivative of the sum of all maps along `direction`,
  /// (samples, 3, side, side), at the patches of the last `forward`.
  package func addTangentGradient(_ direction: FloatBuffer) {
    let means = tangentForward(direction)
    let last = Self.layers - 1
    // Every number of the map counts once; what the last convolution gives is linear in its input.
    slopes.sums[last].buffer.clear()
    let ones = FloatBuffer(samples * outputs)
    ones.pointer.update(repeating: 1, count: ones.count)
    PatchEnds.scatter(ones.pointer, slopes.sums[last])
    convolutions[last].addWeightGradient(tangents.inputs[last], slopes.sums[last], to: weightGradient(last))
    convolutions[last].backward(transposedWeight(last), from: slopes.sums[last], to: slopes.inputs[last])
    mixed.inputs[last].buffer.clear()
    for layer in (0..<last).reversed() {
      let (h, k) = (slopes.sums[layer], mixed.sums[layer])
      h.buffer.load(slopes.inputs[layer + 1].buffer)
      k.buffer.load(mixed.inputs[layer + 1].buffer)
      add(
        norms[layer].tangentBackward(
          at: primal.sums[layer], along: tangents.sums[layer], means: means[layer], h: h, k: k),
        layer)
      convolutions[layer].addWeightGradient(tangents.inputs[layer], h, to: weightGradient(layer))
      convolutions[layer].addWeightGradient(primal.inputs[layer], k, to: weightGradient(layer))
      guard layer > 0 else { break }
      convolutions[layer].backward(transposedWeight(layer), from: h, to: slopes.inputs[layer])
      convolutions[layer].backward(transposedWeight(layer), from: k, to: mixed.inputs[layer])
    }
  }

  private func tangentForward(_ direction: FloatBuffer) -> [LeakyNorm.Means] {
    PatchEnds.unfold(direction.pointer, tangents.inputs[0])
    return (0..<Self.layers - 1).map { layer in
      convolutions[layer].forward(weight(layer), from: tangents.inputs[layer], to: tangents.sums[layer])
      return norms[layer].tangent(
        at: primal.sums[layer], along: tangents.sums[layer], to: tangents.inputs[layer + 1])
    }
  }
}
