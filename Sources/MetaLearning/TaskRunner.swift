public import KernelGAN
import Numerics

/// What a task gives back.
public struct TaskOutcome: Sendable, Equatable {
  /// The task's meta-gradient by both networks, in the order of `Architecture.layout` without u and v.
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
  public let architecture: Architecture
  private let step: AdaptationStep
  private let state: NetworkState
  private let pictures: LowResolution
  private let trueKernel: FloatBuffer
  private let total: FloatBuffer

  /// Streams of a task's key; the key's other streams belong to whoever drew the task.
  enum Stream: UInt64 {
    case positions, noiseReal, noiseFake, metaPositions, metaNoiseReal, metaNoiseFake, image
  }

  /// - Throws: `NumericsError` on a processor without AVX2.
  public init(_ architecture: Architecture = .paper) throws {
    self.architecture = architecture
    step = try AdaptationStep(architecture)
    state = NetworkState(architecture)
    pictures = LowResolution(taps: architecture.kernelSide, unit: step.unit)
    trueKernel = FloatBuffer(architecture.kernelSide * architecture.kernelSide)
    total = FloatBuffer(architecture.adaptedCount)
  }

  /// Adapts a copy of `start` to the task and sums the meta-gradients of its evaluations, each times its weight.
  ///
  /// - Parameters:
  ///   - weights: one an evaluation (`IntervalSchedule`).
  ///   - onStep: called after each adaptation step with the number of steps done.
  public func run(
    _ task: MetaTask, from start: NetworkState, _ loop: InnerLoop, weights: [Float],
    onStep: (Int) -> Void = { _ in }
  ) -> TaskOutcome {
    begin(task, start)
    let before = step.kernel
    var losses: [MetaLosses] = []
    var last = StepLosses.zero
    func evaluateNext() {
      let index = losses.count
      fillInput(task, index, real: loop.real, .metaPositions, .metaNoiseReal, .metaNoiseFake)
      losses.append(evaluate(loop, weight: weights[index]))
    }
    if loop.steps == 0 { evaluateNext() }
    for index in 0..<loop.steps {
      fillInput(task, index, real: .lr, .positions, .noiseReal, .noiseFake)
      last = step.run(state, loop.step)
      onStep(index + 1)
      if (index + 1) % loop.interval == 0 { evaluateNext() }
    }
    return TaskOutcome(
      gradient: total.array, metaLosses: losses, lastStep: last, kernelBefore: before,
      kernelAfter: step.kernel)
  }

  /// Copies the start and makes the task's pictures.
  package func begin(_ task: MetaTask, _ start: NetworkState) {
    state.load(start)
    step.prepare(state)
    pictures.make(task, noise: task.key, stream: Stream.image.rawValue)
    trueKernel.load(task.kernel)
    total.clear()
  }

  /// Leaves no trace in the state; adds the weighted gradient to `total`.
  private func evaluate(_ loop: InnerLoop, weight: Float) -> MetaLosses {
    let losses = step.metaEvaluate(state, trueKernel: trueKernel, loop.weights, noise: loop.step.noise)
    step.addGradient(to: total, times: weight)
    return losses
  }

  // MARK: inputs

  /// The LR picture and the one degraded again, (3, 96, 96) and (3, 48, 48), of the task in work; for tests.
  package var lowResolution: (dad: [Float], son: [Float]) { (pictures.dad.array, pictures.son.array) }
  /// What the next step or evaluation sees; for tests.
  package var input: StepInput { step.input }

  /// Input number `index` of the loop or of its evaluations: a random crop of the generator's 48x48 output, and noise.
  private func fillInput(
    _ task: MetaTask, _ index: Int, real: InnerLoop.Real, _ positions: Stream, _ noiseReal: Stream,
    _ noiseFake: Stream
  ) {
    var random = Philox(key: task.key, stream: positions.rawValue, at: UInt64(2 * index))
    let places = MetaTask.lowSide / 2 - architecture.patchSide + 1
    let row = random.below(places)
    let column = random.below(places)
    fillPictures(row: row, column: column, real: real)
    fillNoise(step.input.noiseReal, task.key, noiseReal, index)
    fillNoise(step.input.noiseFake, task.key, noiseFake, index)
  }

  private func fillNoise(_ noise: FloatBuffer, _ key: UInt64, _ stream: Stream, _ index: Int) {
    Philox.normals(
      key: key, stream: stream.rawValue, first: UInt64(index * noise.count / 4), into: noise.pointer,
      count: noise.count,
      unit: step.unit)
  }

  /// The crop at (row, column) of the generator's output: its region of the LR picture, and the real patch, at twice
  /// the position there or at the same position of the picture degraded again.
  package func fillPictures(row: Int, column: Int, real: InnerLoop.Real) {
    let low = MetaTask.lowSide
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
