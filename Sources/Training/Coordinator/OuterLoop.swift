import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Messages
import MetaLearning
import Networks
import Platform
import RunDirectory
import TrainingData

/// The coordinator's tensors: makes tasks, judges and folds results, ends outer steps. What to fold and when is decided
/// elsewhere; folds come in task order, which makes the result exact.
package final class OuterLoop {
  package let state: TrainingState
  package private(set) var diverged: [String]
  private let sampler: TaskSampler
  private let architecture = Architecture.paper
  private var summary = StepSummary()
  private var noise = GradientNoise()
  /// The last tasks folded, the newest last.
  private var recent: [(task: TaskID, figures: TaskFigures)] = []
  /// SHA-256 of the parameters as they are now, as results refer to them.
  package private(set) var parametersHash: String

  package init(_ state: TrainingState, diverged: [String], _ pictures: PictureSet) throws {
    (self.state, self.diverged) = (state, diverged)
    sampler = TaskSampler(pictures, state.settings)
    parametersHash = try Self.hash(state.parameters)
  }

  private static func hash(_ parameters: TrainedParameters) throws -> String {
    try parameters.values.withUnsafeBytes { try SHA256.hex(of: Array($0)) }
  }

  // MARK: what goes out

  func parameters(_ run: String, _ incarnation: Int) -> Parameters {
    Parameters(
      origin: Origin(run: run, incarnation: incarnation, parameters: parametersHash), step: state.step,
      values: state.parameters.values)
  }

  /// One a task of the unit.
  /// - Throws: `TrainingDataError` where the data file shrank.
  package func contents(of unit: TaskID) throws -> [TaskContent] {
    let weights = state.settings.intervalWeights(at: unit.round.step)
    return try unit.tasks.map { index in
      let drawn =
        unit.round.kind == .training
        ? try sampler.task(step: unit.round.step, index: index) : try sampler.heldOutTask(index)
      return drawn.content(intervalWeights: weights)
    }
  }

  // MARK: what comes in

  package enum Verdict: Equatable {
    case sound
    /// Not a result of this unit at all.
    case broken(String)
    /// Sound, but says that these tasks of its block diverged; a replay tells whether they do.
    case partial(leftOut: [Int])
    /// Well-formed, but not finite or larger than any sound gradient: a replay tells whose fault it is.
    case suspicious(String)
  }

  package func verdict(of result: TaskResult) -> Verdict {
    let kernelCount = architecture.kernelSide * architecture.kernelSide
    guard result.isIntact else { return .broken("its checksum is wrong") }
    guard let figures = figures(result), figures.allSatisfy(Self.isMeasured) else {
      return .broken("\(result.losses.count) figures are not those of its tasks (kernel of \(kernelCount))")
    }
    let expected = result.task.round.kind == .training ? state.settings.taskLoop.trainedRange.count : 0
    guard result.gradient.count == expected else {
      return .broken("\(result.gradient.count) gradient values instead of \(expected)")
    }
    let length = result.gradient.withUnsafeBufferPointer { norm($0) }
    let leftOut = zip(result.task.tasks, figures).filter { $1 == .leftOut }.map(\.0)
    let bound = state.settings.gradientBound * Double(max(figures.count - leftOut.count, 1))
    guard length.isFinite else { return .suspicious("its gradient is not finite") }
    guard length <= bound else { return .suspicious("its gradient's norm \(length) is over \(bound)") }
    if leftOut.count == figures.count { return .suspicious("none of its gradients is sound") }
    return leftOut.isEmpty ? .sound : .partial(leftOut: leftOut)
  }

  /// For people: what a result claims.
  static func text(leftOut tasks: [Int]) -> String {
    "it leaves out task\(tasks.count == 1 ? "" : "s") \(tasks.map(String.init).joined(separator: ", ")) as diverged"
  }

  /// Norms are averaged, so none may be anything that floats can be.
  private static func isMeasured(_ reading: TaskFigures.Reading) -> Bool {
    guard case .figures(let figures) = reading else { return true }
    return figures.norms.all.allSatisfy { $0.isFinite && $0 >= 0 }
  }

  /// In the order of the unit's tasks.
  private func figures(_ result: TaskResult) -> [TaskFigures.Reading]? {
    TaskFigures.read(
      result.losses, tasks: result.task.block, evaluations: state.settings.taskLoop.evaluations,
      kernelCount: architecture.kernelSide * architecture.kernelSide)
  }

  /// The next unit of the step with a valid task, in the order of the units.
  package func fold(_ result: TaskResult) {
    guard let readings = figures(result) else { return }
    let valid = readings.count { $0 != .leftOut }
    result.gradient.withUnsafeBufferPointer { state.fold($0, tasks: valid) }
    for (index, reading) in zip(result.task.tasks, readings) {
      let task = TaskID(result.task.round, index)
      guard case .figures(let figures) = reading else {
        record(task)
        continue
      }
      summary.add(figures, state.settings.loop.weights)
      recent = recent.suffix(Self.recentCount - 1) + [(task, figures)]
    }
  }

  private static let recentCount = 6

  /// The kernels of the last tasks folded, the newest first. Results bring the estimated ones; the true ones are drawn
  /// again.
  package func recentKernels() throws -> [RunStatus.Kernels] {
    try recent.reversed().map { task, figures in
      RunStatus.Kernels(
        step: task.round.step, index: task.index,
        truth: try sampler.kernel(step: task.round.step, index: task.index), estimate: figures.kernelAfter,
        psnr: figures.psnrAfter.isFinite ? Double(figures.psnrAfter) : nil)
    }
  }

  /// All tasks of the next unit have diverged by themselves: they are recorded and left out.
  package func leaveOut(_ unit: TaskID) {
    for index in unit.tasks { record(TaskID(unit.round, index)) }
  }

  private func record(_ task: TaskID) { diverged.append("\(task.round.step):\(task.index)") }

  /// Those of finished steps.
  package var settledDiverged: [String] { diverged.filter { !$0.hasPrefix("\(state.step):") } }

  /// Forgets what this step has folded and recorded.
  package func restartStep() {
    state.discardFolds()
    summary = StepSummary()
    diverged.removeAll { $0.hasPrefix("\(state.step):") }
  }

  /// Ends the outer step and gives what it was like.
  package func finishStep() throws -> StepSummary {
    var finished = summary
    summary = StepSummary()
    let norms = state.finishStep()
    (finished.generatorNorm, finished.discriminatorNorm) = (norms.generator, norms.discriminator)
    // The norms are those of the sum where the step takes the sum.
    let divisor = state.settings.reduction == .sum ? Double(max(finished.tasks, 1)) : 1
    noise.add(
      count: finished.tasks, meanOfSquares: finished.meanSquares,
      squareOfMean: norms.map { ($0 / divisor) * ($0 / divisor) })
    finished.noise = noise
    parametersHash = try Self.hash(state.parameters)
    return finished
  }

  /// One sentence about the gradient noise scale and what it means for the batch.
  var noiseSentence: String { noise.sentence(batch: state.settings.taskBatchSize) }

  /// Mean kernel PSNR before and after adaptation over an evaluation round's results, and the first tasks' kernels, true
  /// beside estimated.
  func evaluation(_ results: [TaskResult]) throws -> Evaluation {
    let all = results.compactMap { result -> TaskFigures? in
      if case .figures(let figures) = figures(result)?.first { figures } else { nil }
    }
    let count = Double(max(all.count, 1))
    let side = architecture.kernelSide
    let pictures = try zip(results, all).prefix(4).map { result, figures -> Picture in
      let truth = try contents(of: result.task).first?.kernel ?? []
      return BlurKernel(side: side, values: truth.map(Double.init)).picture(
        beside: BlurKernel(side: side, values: figures.kernelAfter.map(Double.init)))
    }
    return Evaluation(
      before: all.reduce(0) { $0 + Double($1.psnrBefore) } / count,
      after: all.reduce(0) { $0 + Double($1.psnrAfter) } / count, pictures: pictures)
  }

  struct Evaluation {
    let before: Double, after: Double
    let pictures: [Picture]
  }
}
