extension Discriminator {
  /// Values of layers 2...6 before their ReLU, (N, 64), as of the last forward pass, computed as the loops do: for
  /// tests, which compare which units were active.
  func preactivations() -> [[Float]] {
    zip(hidden, norms).map { y, norm in
      y.array.enumerated().map { i, value in
        let c = i % Architecture.width
        return norm.shift[c].addingProduct(value - norm.mean[c], norm.scale[c])
      }
    }
  }
}

extension AdaptationStep {
  /// See `Discriminator.preactivations`.
  package var preactivations: [[Float]] { discriminator.preactivations() }
  /// D's output map as of its last call, (patches, mapSide, mapSide).
  package var output: [Float] {
    var probability = [Float](repeating: 0, count: discriminator.rows)
    var slope = probability
    _ = unit.loops.sigmoid_l1(discriminator.logits.pointer, discriminator.rows, 1, 1, &probability, &slope)
    return probability
  }
  /// G's output as of its last call, (patches, 3, patchSide, patchSide).
  package var generated: [Float] { fake.array }
  /// The gradient of the last step or meta-evaluation, laid out as a state without u and v.
  package var lastGradient: [Float] { gradient.array }
}
