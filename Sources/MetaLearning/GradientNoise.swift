/// One number for each network that is trained: generator, discriminator, prediction network.
public struct PerNetwork<Value> {
  public var generator: Value, discriminator: Value, prediction: Value

  public init(generator: Value, discriminator: Value, prediction: Value) {
    (self.generator, self.discriminator, self.prediction) = (generator, discriminator, prediction)
  }

  public init(repeating value: Value) { self.init(generator: value, discriminator: value, prediction: value) }

  /// In the order generator, discriminator, prediction network.
  public var all: [Value] { [generator, discriminator, prediction] }

  public func map<Result>(_ transform: (Value) -> Result) -> PerNetwork<Result> {
    PerNetwork<Result>(
      generator: transform(generator), discriminator: transform(discriminator),
      prediction: transform(prediction))
  }

  /// Changes each value by the other's.
  public mutating func merge<Other>(_ other: PerNetwork<Other>, _ change: (inout Value, Other) -> Void) {
    change(&generator, other.generator)
    change(&discriminator, other.discriminator)
    change(&prediction, other.prediction)
  }
}

extension PerNetwork: Equatable where Value: Equatable {}
extension PerNetwork: Sendable where Value: Sendable {}

/// The gradient noise scale of each network: B = tr(S) / |G|^2, where G is the true meta-gradient and S the covariance of
/// one task's (McCandlish, Kaplan, Amodei and others: "An Empirical Model of Large-Batch Training", 2018, B_simple). Far
/// below B tasks a step, twice as many tasks a step need half as many steps; far above, the steps needed hardly fall.
///
/// From n tasks of a step, with m the mean of the squared norms of their gradients and g the squared norm of the
/// gradients' mean, (n g - m) / (n - 1) has the expectation |G|^2 and (m - g) n / (n - 1) has tr(S) (their appendix A.1).
/// Both are noisy, so each is smoothed over the steps (m <- 0.99 m + 0.01 x) before they are divided.
public struct GradientNoise: Equatable, Sendable {
  /// The share of an average that one step replaces.
  static let rate = 0.01
  /// Steps before which nothing is told.
  public static let leastSteps = 20

  private var signal = PerNetwork(repeating: 0.0), noise = PerNetwork(repeating: 0.0)
  /// Steps of at least two tasks so far.
  public private(set) var steps = 0

  public init() {}

  /// Takes a step in.
  /// - Parameters:
  ///   - count: tasks of the step that count. One tells nothing.
  ///   - meanOfSquares: of the squared L2 norms of their gradients.
  ///   - squareOfMean: the squared L2 norm of their gradients' mean.
  public mutating func add(
    count: Int, meanOfSquares: PerNetwork<Double>, squareOfMean: PerNetwork<Double>
  ) {
    guard count > 1 else { return }
    let n = Double(count)
    var (gradient, variance) = (squareOfMean, meanOfSquares)
    gradient.merge(meanOfSquares) { g, m in g = (n * g - m) / (n - 1) }
    variance.merge(squareOfMean) { m, g in m = (m - g) * n / (n - 1) }
    signal.merge(gradient) { $0 += Self.rate * ($1 - $0) }
    noise.merge(variance) { $0 += Self.rate * ($1 - $0) }
    steps += 1
  }

  /// What is known of one network's noise scale.
  public enum Scale: Equatable, Sendable {
    /// The network is not trained, or the steps were too few.
    case unknown
    /// In tasks.
    case tasks(Double)
    /// The mean gradient does not stand out from the noise over all steps of the average.
    case beyondMeasure

    /// In tasks; nil where it is not a number.
    public var value: Double? { if case .tasks(let value) = self { value } else { nil } }
  }

  public var scales: PerNetwork<Scale> {
    var scales = PerNetwork(repeating: Scale.unknown)
    guard steps >= Self.leastSteps else { return scales }
    // Both averages begin at zero; the share of that in each is the same and cancels.
    scales.merge(noise) { scale, noise in if noise > 0 { scale = .tasks(noise) } }
    scales.merge(signal) { scale, signal in
      guard case .tasks(let noise) = scale else { return }
      scale = signal > 0 ? .tasks(noise / signal) : .beyondMeasure
    }
    return scales
  }

  /// One sentence for the user.
  /// - Parameter batch: tasks a step, B.
  public func sentence(batch: Int) -> String {
    if batch == 1 {
      return "the gradient noise scale is not measured at one task a step; it takes task-batch-size 2 or more"
    }
    let named = zip(["generator", "discriminator", "prediction network"], scales.all).compactMap {
      name, scale in Self.text(scale).map { "\($0) (\(name))" }
    }
    guard !named.isEmpty else {
      return "the gradient noise scale is not known before \(Self.leastSteps) steps"
    }
    let list = "the gradient noise scale is \(named.joined(separator: ", ")), of \(batch) tasks a step now"
    if scales.all.contains(.beyondMeasure) {
      return "more workers help by larger batches, as far as can be told: \(list)"
    }
    let limit = scales.all.compactMap(\.value).max() ?? 1
    return "beyond a batch of about \(Self.rounded(limit)) tasks more workers stop helping: \(list)"
  }

  private static func text(_ scale: Scale) -> String? {
    switch scale {
    case .unknown: nil
    case .tasks(let value): rounded(value)
    case .beyondMeasure: "beyond measure"
    }
  }

  /// Two digits are more than such an estimate has.
  private static func rounded(_ value: Double) -> String {
    guard value < 1e9 else { return "over 1000000000" }
    if value < 1 { return "1" }
    var (unit, digits) = (1.0, value)
    while digits >= 100 { (unit, digits) = (unit * 10, digits / 10) }
    return "\(Int((digits.rounded() * unit).rounded()))"
  }
}
