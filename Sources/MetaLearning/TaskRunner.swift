import BlurKernels
public import Networks
import Numerics

/// What a task gives back.
public struct TaskOutcome: Sendable, Equatable {
  /// The task's meta-gradient, as far as its loop trains: the generator's part, the discriminator's, the prediction
  /// network's.
  public var gradient: [Float]
  /// One a meta-evaluation.
  public var metaLosses: [MetaLosses]
  /// Of the last adaptation step.
  public var lastStep: StepLosses
  /// The generator's kernel before and after adaptation.
  public var kernelBefore: [Float], kernelAfter: [Float]
}

/// Runs tasks: a worker's computation. A workspace of one thread; what a task gives depends on the arguments alone.
public final class TaskRunner {
  private let architecture = Architecture.paper
  let step: AdaptationStep
  let state: NetworkState
  private(set) var pictures: LowResolution
  private let trueKernel: FloatBuffer
  let total: FloatBuffer
  /// Nil where kernels are not predicted.
  let predictor: TaskPredictor?

  /// Streams of a task's key; the key's other streams belong to whoever drew the task.
  enum Stream: UInt64 {
    case positions, noiseReal, noiseFake, metaPositions, metaNoiseReal, metaNoiseFake, image, dropout,
      shrinking, jpeg, softening
  }

  /// The streams that an input is drawn from.
  private struct Draws {
    let positions, noiseReal, noiseFake: Stream

    static let adaptation = Draws(positions: .positions, noiseReal: .noiseReal, noiseFake: .noiseFake)
    static let evaluation = Draws(
      positions: .metaPositions, noiseReal: .metaNoiseReal, noiseFake: .metaNoiseFake)
  }

  /// - Parameter predicting: whether the runner can run loops that predict kernels.
  /// - Throws: `NumericsError` on a processor without AVX2.
  public init(predicting: Bool = false) throws {
    step = try AdaptationStep(architecture)
    state = NetworkState(architecture)
    pictures = LowResolution(taps: architecture.kernelSide, unit: step.unit)
    trueKernel = FloatBuffer(architecture.kernelSide * architecture.kernelSide)
    total = FloatBuffer(TrainedParameters.trainedCount(predicting: predicting))
    predictor = predicting ? try TaskPredictor() : nil
  }

  /// Adapts a copy of `start` to the task and sums the meta-gradients of its evaluations, each times its weight.
  ///
  /// - Parameters:
  ///   - weights: one an evaluation (`IntervalSchedule`).
  ///   - onStep: called after each adaptation step with the number of steps done.
  public func run(
    _ task: MetaTask, from start: TrainedParameters, _ loop: InnerLoop, weights: [Float],
    onStep: (Int) -> Void = { _ in }
  ) -> TaskOutcome {
    begin(task, from: start.networks, loop.prediction)
    let predicted = predict(task, from: start, loop)
    if let predicted { step.prepare(state, predicted: predicted.kernel.map(Float.init)) }
    let before = step.kernel
    var losses: [MetaLosses] = []
    var last = StepLosses.zero
    func evaluateNext() {
      let index = losses.count
      if let predicted {
        predictor?.judge(
          step.kernel.map(Double.init), predicted: predicted, against: task, weight: Double(weights[index]))
      }
      losses.append(evaluateNetworks(task, loop, number: index, weight: weights[index]))
    }
    if loop.steps == 0 { evaluateNext() }
    for index in 0..<loop.steps {
      fillInput(task, number: index, real: .lr, from: .adaptation)
      last = step.run(state, loop.step)
      onStep(index + 1)
      if (index + 1) % loop.interval == 0 { evaluateNext() }
    }
    if let predicted, let prediction = start.prediction {
      predictor?.backward(predicted, prediction, addingTo: total.pointer + architecture.trainedCount)
    }
    return TaskOutcome(
      gradient: Array(total.values[loop.trainedRange]), metaLosses: losses, lastStep: last,
      kernelBefore: before, kernelAfter: step.kernel)
  }

  /// Nil where the loop starts from the generator's own kernel.
  /// - Precondition: for a loop that predicts, runner and start do so, too.
  private func predict(
    _ task: MetaTask, from start: TrainedParameters, _ loop: InnerLoop
  ) -> TaskPredictor.Predicted? {
    guard let settings = loop.prediction else { return nil }
    guard let predictor, let parameters = start.prediction else {
      preconditionFailure("a loop that predicts, without a prediction network")
    }
    return predictor.predict(task, from: pictures, with: parameters, settings: settings)
  }

  /// Copies the start and makes the task's pictures.
  package func begin(
    _ task: MetaTask, from start: NetworkState, _ prediction: InnerLoop.Prediction? = nil
  ) {
    state.load(start)
    step.prepare(state)
    if pictures.capacity < task.side {
      pictures = LowResolution(side: task.side, taps: architecture.kernelSide, unit: step.unit)
    }
    pictures.make(
      task, scale: prediction?.scale ?? 2, shrunk: prediction.flatMap { shrunkSide(task, $0) },
      softened: prediction.flatMap { softenedKernel(task, $0) }, noise: task.key,
      stream: Stream.image.rawValue,
      jpeg: prediction.flatMap { jpeg(task, $0) })
    trueKernel.load(task.kernel)
    total.clear()
  }

  /// The networks' meta-losses, where they are trained: leaves no trace in the state, adds the weighted gradient to
  /// `total`.
  private func evaluateNetworks(
    _ task: MetaTask, _ loop: InnerLoop, number index: Int, weight: Float
  ) -> MetaLosses {
    guard loop.trainedRange.lowerBound == 0 else {
      let difference = step.unit.loops.absolute_difference(
        step.kernel, trueKernel.pointer, trueKernel.count)
      return MetaLosses(kernel: difference, adversarial: 0, sumToOne: 0, discriminator: 0)
    }
    fillInput(task, number: index, real: loop.real, from: .evaluation)
    let losses = step.metaEvaluate(state, trueKernel: trueKernel, loop.weights, noise: loop.step.noise)
    step.addGradient(to: total, times: weight)
    return losses
  }

  /// The prediction network's input from a task.
  func features(_ task: MetaTask, _ loop: InnerLoop) -> (picture: [Float], tiles: [Float]) {
    begin(task, from: state, loop.prediction)
    return predictor?.features(pictures, scale: loop.prediction?.scale ?? 2) ?? ([], [])
  }

  /// Half of the crops are shrunk first, by up to the factor that the settings allow: photographs are sharper when
  /// smaller, and spectra should say nothing of the camera.
  private func shrunkSide(_ task: MetaTask, _ settings: InnerLoop.Prediction) -> Int? {
    guard settings.shrinking > 1 else { return nil }
    var random = Philox(key: task.key, stream: Stream.shrinking.rawValue)
    guard random.uniform() < 0.5 else { return nil }
    let factor = random.uniform(in: 1..<settings.shrinking)
    return max(Int(Double(task.side) / factor) / 4 * 4, min(task.side, MetaTask.leastSide))
  }

  /// Of half of the tasks, the task's kernel and that of a picture which was soft before, as one: a picture's own softness is
  /// none of the kernel's.
  private func softenedKernel(_ task: MetaTask, _ settings: InnerLoop.Prediction) -> [Float]? {
    guard settings.softening > 0 else { return nil }
    var random = Philox(key: task.key, stream: Stream.softening.rawValue)
    guard random.uniform() < 0.5 else { return nil }
    let deviation = random.uniform(in: 0..<settings.softening)
    let side = architecture.kernelSide
    return BlurKernel(side: side, values: task.kernel.map(Double.init)).softened(deviation: deviation).values
      .map(Float.init)
  }

  private func jpeg(_ task: MetaTask, _ settings: InnerLoop.Prediction) -> LowResolution.JPEG? {
    guard settings.jpegShare > 0 else { return nil }
    var random = Philox(key: task.key, stream: Stream.jpeg.rawValue)
    guard random.uniform() < settings.jpegShare else { return nil }
    return LowResolution.JPEG(
      quality: 30 + random.below(66), top: random.below(8), left: random.below(8))
  }

  // MARK: inputs

  /// The LR picture and the one degraded again, (3, 96, 96) and (3, 48, 48), of the task in work; for tests.
  package var lowResolution: (dad: [Float], son: [Float]) { (pictures.dad.array, pictures.son.array) }
  /// What the next step or evaluation sees; for tests.
  package var input: StepInput { step.input }

  /// Input number `index` of the loop or of its evaluations: a random crop of the generator's 48x48 output, and noise.
  private func fillInput(
    _ task: MetaTask, number index: Int, real: InnerLoop.Real, from draws: Draws
  ) {
    var random = Philox(key: task.key, stream: draws.positions.rawValue, at: UInt64(2 * index))
    let places = pictures.side / 4 - architecture.patchSide + 1
    let row = random.below(places)
    let column = random.below(places)
    fillPictures(row: row, column: column, real: real)
    for (stream, noise) in [
      (draws.noiseReal, step.input.noiseReal), (draws.noiseFake, step.input.noiseFake),
    ] {
      Philox.normals(key: task.key, stream: stream.rawValue, array: index, into: noise, unit: step.unit)
    }
  }

  /// The crop at (row, column) of the generator's output: its region of the LR picture, and the real patch, at twice
  /// the position there or at the same position of the picture degraded again.
  package func fillPictures(row: Int, column: Int, real: InnerLoop.Real) {
    let low = pictures.side / 2
    let margin = architecture.kernelSide / 2
    let side = architecture.patchSide
    cutWrapped(
      pictures.dad, side: low, top: 2 * row - margin, left: 2 * column - margin, size: architecture.inputSide,
      into: step.input.regions.pointer)
    switch real {
    case .lr:
      cutWrapped(
        pictures.dad, side: low, top: 2 * row, left: 2 * column, size: side, into: step.input.real.pointer)
    case .groundTruthSon:
      cutWrapped(
        pictures.son, side: low / 2, top: row, left: column, size: side, into: step.input.real.pointer)
    }
  }
}
