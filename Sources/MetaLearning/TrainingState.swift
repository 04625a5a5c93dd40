public import Checkpoints
import Foresight
import Networks
import Numerics

/// The exact state of a training between two outer steps: parameters, u and v, Adam's moments and time.
public final class TrainingState {
  public let settings: TrainingSettings
  public let parameters: TrainedParameters
  /// Outer steps done.
  public internal(set) var step = 0
  /// Adam's t: outer steps that had a valid task.
  public internal(set) var time = 0
  let first, second: FloatBuffer
  private let sum: FloatBuffer
  private var folded = 0
  private let unit: VectorUnit

  /// A fresh start, drawn from the seed.
  /// - Throws: `NumericsError` on a processor without AVX2.
  public convenience init(_ settings: TrainingSettings) throws {
    try self.init(
      settings, TrainedParameters(freshFrom: settings.seed, predicting: settings.predicts))
  }

  /// A fresh start with the networks that the checkpoint holds; what it lacks is drawn from the seed.
  /// - Throws: `NumericsError` on a processor without AVX2.
  public convenience init(_ settings: TrainingSettings, from checkpoint: Checkpoint) throws {
    try self.init(settings)
    if let networks = checkpoint.networks { parameters.networks.load(networks) }
    if let prediction = checkpoint.prediction { parameters.prediction?.load(prediction) }
  }

  init(_ settings: TrainingSettings, _ parameters: TrainedParameters) throws {
    (self.settings, self.parameters) = (settings, parameters)
    unit = try VectorUnit.current()
    let count = TrainedParameters.trainedCount(predicting: settings.predicts)
    (first, second, sum) = (FloatBuffer(count), FloatBuffer(count), FloatBuffer(count))
  }

  /// The same state under other settings, for those who go on with them deliberately.
  public func with(_ settings: TrainingSettings) throws -> TrainingState {
    let other = try TrainingState(settings, parameters)
    other.first.load(first)
    other.second.load(second)
    (other.step, other.time) = (step, time)
    return other
  }

  /// Adds the gradient of the next valid task of this outer step, or the sum of a block's, by the settings' trained range;
  /// the order of calls is part of the result.
  /// - Parameter tasks: how many tasks' gradients are in it.
  public func fold(_ gradient: UnsafeBufferPointer<Float>, tasks: Int = 1) {
    let range = settings.taskLoop.trainedRange
    precondition(gradient.count == range.count)
    guard let values = gradient.baseAddress else { return }
    unit.loops.add_scaled(sum.pointer + range.lowerBound, values, 1, range.count)
    folded += tasks
  }

  /// Forgets what was folded in this outer step.
  public func discardFolds() {
    sum.clear()
    folded = 0
  }

  /// Ends the outer step with what was folded. Without a valid task, parameters, moments and t stay.
  /// - Returns: the L2 norms of the networks' reduced gradients.
  @discardableResult
  public func finishStep() -> PerNetwork<Double> {
    defer {
      discardFolds()
      step += 1
    }
    guard folded > 0 else { return PerNetwork(repeating: 0) }
    if settings.reduction == .mean, folded > 1 {
      let count = Float(folded)
      for i in 0..<sum.count { sum.pointer[i] /= count }
    }
    time += 1
    descend()
    if settings.taskLoop.trainedRange.lowerBound == 0 { parameters.networks.advanceSpectralVectors(unit) }
    return gradientNorms(UnsafeBufferPointer(sum.values))
  }

  private func descend() {
    let networks = Architecture.paper
    let bounds = [0, networks.generatorCount, networks.trainedCount, sum.count]
    let parts = zip(bounds, bounds.dropFirst()).map { ($0..<$1).clamped(to: settings.taskLoop.trainedRange) }
    let rates = settings.rates(at: step)
    let inner = settings.loop.step
    for (part, (outer, plain)) in zip(
      parts,
      [
        (rates.generator, inner.generatorRate), (rates.discriminator, inner.discriminatorRate),
        (rates.conditioning, 0),
      ]) where !part.isEmpty
    {
      let values = parameters.trained(part)
      let gradient = sum.pointer + part.lowerBound
      switch settings.algorithm {
      case .meta, .conditioned:
        Adam().update(
          values, first.pointer + part.lowerBound, second.pointer + part.lowerBound, gradient: gradient,
          count: part.count, rate: outer, time: time, unit: unit)
      case .dataset:
        unit.loops.add_scaled(values, gradient, Float(-plain), part.count)
      }
    }
  }
}

/// The L2 norms of a gradient's parts.
/// - Parameters:
///   - values: the gradient, or the part of it that lies in `range`.
///   - range: where they lie in a whole gradient.
public func gradientNorms(_ values: UnsafeBufferPointer<Float>, at range: Range<Int>? = nil) -> PerNetwork<
  Double
> {
  let networks = Architecture.paper
  let range = range ?? 0..<values.count
  func part(_ bounds: Range<Int>) -> Double {
    let part = bounds.clamped(to: range)
    return norm(
      .init(rebasing: values[part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound]))
  }
  return PerNetwork(
    generator: part(0..<networks.generatorCount),
    discriminator: part(networks.generatorCount..<networks.trainedCount),
    prediction: part(networks.trainedCount..<max(range.upperBound, networks.trainedCount)))
}

/// L2 norm in double precision, in one fixed order (index modulo 16, then those sums), the same on every machine: part of
/// the exact result, since it decides which tasks count.
public func norm(_ values: UnsafeBufferPointer<Float>) -> Double {
  var sums = SIMD16<Double>.zero
  let whole = values.count / 16 * 16
  for start in stride(from: 0, to: whole, by: 16) {
    var part = SIMD16<Double>.zero
    for lane in 0..<16 { part[lane] = Double(values[start + lane]) }
    sums += part * part
  }
  for index in whole..<values.count {
    let value = Double(values[index])
    sums[index - whole] += value * value
  }
  return (0..<16).reduce(0) { $0 + sums[$1] }.squareRoot()
}
