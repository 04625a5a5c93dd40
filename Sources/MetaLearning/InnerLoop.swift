public import Networks

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
  /// Set where adaptation starts from a kernel predicted for the picture; nil where it starts from the generator's own.
  public var prediction: Prediction?

  /// How a picture's kernel is predicted in training.
  public struct Prediction: Sendable, Equatable {
    /// The scale of the LR picture that is looked at: 2, or 4 for one degraded twice.
    public var scale: Int
    /// The share of the network's hidden units that a task leaves out; the setting `thinning`.
    public var dropout: Double

    /// The largest factor that crops are shrunk by before they are degraded, as half of them are; 1 for none.
    public var shrinking: Double

    /// The share of LR pictures that were stored as JPEG before they are looked at, of a quality from U{30 .. 95}.
    public var jpegShare: Double
    /// Half of the HR pictures are softened first, by Gaussians of a deviation of up to this, in pixels, 0 to 1.
    public var softening: Double

    public init(
      scale: Int, dropout: Double, shrinking: Double, jpegShare: Double = 0, softening: Double = 0
    ) {
      (self.scale, self.dropout, self.shrinking) = (scale, dropout, shrinking)
      (self.jpegShare, self.softening) = (jpegShare, softening)
    }
  }

  /// Whether the prediction network takes part.
  public var predicts: Bool { prediction != nil }

  /// What the discriminator's meta-loss calls real.
  public enum Real: String, Sendable, CaseIterable, Codable {
    /// The LR picture degraded once more by the true kernel: the authors' code.
    case groundTruthSon = "ground-truth-son"
    /// The LR picture: the paper's Eq. 6.
    case lr
  }

  /// The part of a whole gradient that a task gives: where a predicted kernel is not adapted, both networks wait.
  public var trainedRange: Range<Int> {
    let isPredictionOnly = predicts && steps == 0
    let first = isPredictionOnly ? Architecture.paper.trainedCount : 0
    return first..<TrainedParameters.trainedCount(predicting: predicts)
  }

  public var evaluations: Int { steps == 0 ? 1 : steps / interval }

  public static let paper = InnerLoop(
    steps: 25, interval: 5, step: .paper, weights: .paper, real: .groundTruthSon)

  public init(
    steps: Int, interval: Int, step: StepSettings, weights: MetaLossWeights, real: Real,
    prediction: Prediction? = nil
  ) {
    (self.steps, self.interval, self.step, self.weights, self.real) = (steps, interval, step, weights, real)
    self.prediction = prediction
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
