import MetaLearning
import Networks
import Numerics
import Testing

@Suite struct GradientNoiseTests {
  /// Gradients of 50 values: a true one of squared norm 4 and independent normal errors whose variances sum to `noise`.
  private func measured(batch: Int, steps: Int, noise: Double) -> GradientNoise {
    let dimension = 50
    var random = Philox(key: UInt64(batch))
    var result = GradientNoise()
    for _ in 0..<steps {
      var mean = [Double](repeating: 0, count: dimension)
      var squares = 0.0
      for _ in 0..<batch {
        let gradient = (0..<dimension).map { _ in
          (4 / Double(dimension)).squareRoot() + (noise / Double(dimension)).squareRoot()
            * Self.normal(&random)
        }
        squares += gradient.reduce(0) { $0 + $1 * $1 }
        for i in mean.indices { mean[i] += gradient[i] / Double(batch) }
      }
      let big = mean.reduce(0) { $0 + $1 * $1 }
      result.add(
        count: batch,
        meanOfSquares: PerNetwork(generator: squares / Double(batch), discriminator: 0, prediction: 0),
        squareOfMean: PerNetwork(generator: big, discriminator: 0, prediction: 0))
    }
    return result
  }

  /// Nearly normal: the sum of twelve uniform numbers has variance 1.
  private static func normal(_ random: inout Philox) -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + random.uniform(in: 0..<1) }
  }

  /// tr(S) / |G|^2 = 10, whatever the batch it is measured with. At B = 4 a step's estimate of |G|^2 = 4 has a deviation of
  /// about 2.7, and the average over the steps one of 0.2, 5 %; the tolerance is eight of these.
  @Test(arguments: [4, 16, 64])
  func `the scale does not depend on the batch`(batch: Int) throws {
    let scales = measured(batch: batch, steps: 400, noise: 40).scales
    let value = try #require(scales.generator.value)
    #expect(abs(value - 10) < 4, "\(value)")
    #expect(
      scales.discriminator == .unknown && scales.prediction == .unknown, "networks that are not trained")
  }

  @Test func `one task a step has none`() {
    let noise = measured(batch: 1, steps: 100, noise: 1)
    #expect(noise.steps == 0 && noise == GradientNoise())
    #expect(
      noise.sentence(batch: 1)
        == "the gradient noise scale is not measured at one task a step; it takes task-batch-size 2 or more")
  }

  @Test func `a few steps tell nothing`() {
    let noise = measured(batch: 4, steps: GradientNoise.leastSteps - 1, noise: 40)
    #expect(noise.scales == PerNetwork(repeating: .unknown))
    #expect(noise.sentence(batch: 4) == "the gradient noise scale is not known before 20 steps")
  }

  private func exact(generator: Double, discriminator: Double = 0, prediction: Double = 0) -> GradientNoise {
    let variances = PerNetwork(
      generator: generator, discriminator: discriminator, prediction: prediction)
    var noise = GradientNoise()
    // |G|^2 = 1 and tr(S) as given; what a step of four shows on average.
    for _ in 0..<30 {
      noise.add(
        count: 4, meanOfSquares: variances.map { $0 == 0 ? 0 : 1 + $0 },
        squareOfMean: variances.map { $0 == 0 ? 0 : 1 + $0 / 4 })
    }
    return noise
  }

  @Test func `the sentence names the batch`() {
    #expect(
      exact(generator: 12, discriminator: 352).sentence(batch: 4)
        == "beyond a batch of about 350 tasks more workers stop helping: the gradient noise scale is "
        + "12 (generator), 350 (discriminator), of 4 tasks a step now")
    #expect(
      exact(generator: 0, prediction: 0.2).sentence(batch: 4)
        == "beyond a batch of about 1 tasks more workers stop helping: the gradient noise scale is "
        + "1 (prediction network), of 4 tasks a step now")
  }

  @Test func `a mean that drowns in noise is beyond measure`() {
    var noise = GradientNoise()
    for _ in 0..<30 {
      noise.add(
        count: 4, meanOfSquares: PerNetwork(repeating: 4), squareOfMean: PerNetwork(repeating: 0.9))
    }
    #expect(noise.scales == PerNetwork(repeating: .beyondMeasure))
    #expect(
      noise.sentence(batch: 4).hasPrefix("more workers help by larger batches, as far as can be told: "))
  }

  @Test func `the norms of the parts are those of their values`() {
    let networks = Architecture.paper
    let count = networks.trainedCount + 3
    let values = (0..<count).map { Float($0 % 7) - 3 }
    func length(_ range: Range<Int>) -> Double {
      values[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let norms = values.withUnsafeBufferPointer { gradientNorms($0) }
    // Other orders of summation differ by a few units in the last place.
    #expect(abs(norms.generator - length(0..<networks.generatorCount)) < 1e-9)
    #expect(abs(norms.discriminator - length(networks.generatorCount..<networks.trainedCount)) < 1e-9)
    #expect(abs(norms.prediction - length(networks.trainedCount..<count)) < 1e-9)
    let last = Array(values[networks.trainedCount...]).withUnsafeBufferPointer {
      gradientNorms($0, at: networks.trainedCount..<count)
    }
    #expect(last == PerNetwork(generator: 0, discriminator: 0, prediction: norms.prediction))
  }
}
