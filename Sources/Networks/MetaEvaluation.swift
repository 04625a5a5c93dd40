import Numerics

/// Weights of the generator's meta-loss (paper, Eq. 6).
public struct MetaLossWeights: Sendable, Equatable {
  /// omega, of sum |k - true k|
  public var kernel: Float
  /// eta, of the adversarial term
  public var adversarial: Float
  /// zeta, of |1 - sum k|
  public var sumToOne: Float

  public static let paper = MetaLossWeights(kernel: 1, adversarial: 1, sumToOne: 0.5)

  public init(kernel: Float, adversarial: Float, sumToOne: Float) {
    (self.kernel, self.adversarial, self.sumToOne) = (kernel, adversarial, sumToOne)
  }
}

/// The terms of the meta-losses, not yet times their weights.
public struct MetaLosses: Sendable, Equatable {
  /// sum |k - true k|
  public var kernel: Float
  /// mean |D(G(p)) - 1|
  public var adversarial: Float
  /// |1 - sum k|
  public var sumToOne: Float
  /// The discriminator's meta-loss
  public var discriminator: Float

  public init(kernel: Float, adversarial: Float, sumToOne: Float, discriminator: Float) {
    (self.kernel, self.adversarial) = (kernel, adversarial)
    (self.sumToOne, self.discriminator) = (sumToOne, discriminator)
  }

  /// The generator's meta-loss.
  public func generator(_ weights: MetaLossWeights) -> Float {
    weights.kernel * kernel + weights.adversarial * adversarial + weights.sumToOne * sumToOne
  }
}

extension AdaptationStep {
  /// The meta-losses at `state` on `input` and their first-order gradients, left in `gradient`. Leaves no trace: u and
  /// v are put back, parameters are not touched. The discriminator sees the same fake as the generator's loss.
  ///
  /// - Parameter trueKernel: the task's kernel, (kernelSide, kernelSide).
  package func metaEvaluate(
    _ state: NetworkState, trueKernel: FloatBuffer, _ weights: MetaLossWeights, noise: Float
  ) -> MetaLosses {
    let spectral = state.buffer.pointer + architecture.trainedCount
    savedSpectral.pointer.update(from: spectral, count: savedSpectral.count)
    defer { spectral.update(from: savedSpectral.pointer, count: savedSpectral.count) }

    splitRegions()
    makeFake()
    let kernel = generator.kernel.pointer
    let target = trueKernel.pointer
    let count = generator.kernel.count
    let losses = generatorGradient(
      state, adversarialWeight: weights.adversarial, sumToOneWeight: weights.sumToOne,
      addToKernelGradient: { dkernel in
        for i in 0..<count {
          dkernel[i] += kernel[i] > target[i] ? weights.kernel : kernel[i] < target[i] ? -weights.kernel : 0
        }
      })
    return MetaLosses(
      kernel: unit.loops.absolute_difference(kernel, target, count), adversarial: losses.adversarial,
      sumToOne: losses.sumToOne, discriminator: discriminatorGradient(state, noise: noise))
  }

  /// The first values of sum += weight * the gradient of the last step or meta-evaluation.
  package func addGradient(to sum: FloatBuffer, times weight: Float) {
    unit.loops.add_scaled(sum.pointer, gradient.pointer, weight, gradient.count)
  }
}
