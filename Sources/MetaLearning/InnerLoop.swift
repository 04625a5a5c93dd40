public import KernelGAN

/// How a task is adapted to and judged (paper, Algorithm 1, lines 8 to 14).
public struct InnerLoop: Sendable, Equatable {
  /// Nadapt; 0 for one meta-evaluation at the start itself, without adaptation
  public var steps: Int
  /// Steps between two meta-evaluations, Nval; divides `steps`.
  public var interval: Int
  /// Constant through the loop.
  public var step: StepSettings
  public var weights: MetaLossWeights
  public var real: Real

  /// What the discriminator's meta-loss calls real.
  public enum Real: String, Sendable, CaseIterable, Codable {
    /// The LR picture degraded once more by the true kernel: the authors' code.
    case groundTruthSon = "ground-truth-son"
    /// The LR picture: the paper's Eq. 6.
    case lr
  }

  public var evaluations: Int { steps == 0 ? 1 : steps / interval }

  public static let paper = InnerLoop(
    steps: 25, interval: 5, step: .paper, weights: .paper, real: .groundTruthSon)

  public init(steps: Int, interval: Int, step: StepSettings, weights: MetaLossWeights, real: Real) {
    (self.steps, self.interval, self.step, self.weights, self.real) = (steps, interval, step, weights, real)
  }
}

/// Weights of a task's meta-evaluations: even at first, then more and more on the last (paper, section 4; the authors'
/// schedule).
public enum IntervalSchedule {
  /// At outer step `j`, counted from 0: each but the last max(1/n - j * 3/(n * 10000), 0.03/n), the last what is
  /// missing to 1.
  public static func weights(at j: Int, evaluations n: Int) -> [Float] {
    let count = Double(n)
    let early =
      n == 1
      ? []
      : [Double](
        repeating: max(1 / count - Double(j) * 3 / (count * 10_000), 0.03 / count), count: n - 1)
    return (early + [1 - early.reduce(0, +)]).map(Float.init)
  }
}
