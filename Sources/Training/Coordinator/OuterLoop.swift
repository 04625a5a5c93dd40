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

  /// - Throws: `TrainingDataError` where the data file shrank.
  package func content(of task: TaskID) throws -> TaskContent {
    let drawn =
      task.round.kind == .training
      ? try sampler.task(step: task.round.step, index: task.index) : try sampler.heldOutTask(task.index)
    return drawn.content(intervalWeights: state.settings.intervalWeights(at: task.round.step))
  }

  // MARK: what comes in

  package enum Verdict: Equatable {
    case sound
    /// Not a result of this task at all.
    case broken(String)
    /// Well-formed, but not finite or larger than any sound gradient: a replay tells whose fault it is.
    case suspicious(String)
  }

  package func verdict(of result: TaskResult) -> Verdict {
    let kernelCount = architecture.kernelSide * architecture.kernelSide
    guard result.isIntact else { return .broken("its checksum is wrong") }
    guard figures(result) != nil else {
      return .broken("\(result.losses.count) figures are not a task's (kernel of \(kernelCount))")
    }
    let expected = result.task.round.kind == .training ? state.settings.taskLoop.trainedRange.count : 0
    guard result.gradient.count == expected else {
      return .broken("\(result.gradient.count) gradient values instead of \(expected)")
    }
    let length = result.gradient.withUnsafeBufferPointer { norm($0) }
    guard length.isFinite else { return .suspicious("its gradient is not finite") }
    guard length <= state.settings.gradientBound else {
      return .suspicious("its gradient's norm \(length) is over \(state.settings.gradientBound)")
    }
    return .sound
  }

  private func figures(_ result: TaskResult) -> TaskFigures? {
    TaskFigures(
      result.losses, evaluations: state.settings.taskLoop.evaluations,
      kernelCount: architecture.kernelSide * architecture.kernelSide)
  }

  /// The next valid task of the step, in task order.
  package func fold(_ result: TaskResult) {
    result.gradient.withUnsafeBufferPointer { state.fold($0) }
    guard let figures = figures(result) else { return }
    summary.add(figures, state.settings.loop.weights)
    recent = recent.suffix(Self.recentCount - 1) + [(result.task, figures)]
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

  /// The next task of the step has diverged by itself: it is recorded and left out.
  package func leaveOut(_ task: TaskID) { diverged.append("\(task.round.step):\(task.index)") }

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
    (finished.generatorNorm, finished.discriminatorNorm) = state.finishStep()
    parametersHash = try Self.hash(state.parameters)
    return finished
  }

  /// Mean kernel PSNR before and after adaptation over an evaluation round's results, and the first tasks' kernels, true
  /// beside estimated.
  func evaluation(_ results: [TaskResult]) throws -> Evaluation {
    let all = results.compactMap(figures)
    let count = Double(max(all.count, 1))
    let side = architecture.kernelSide
    let pictures = try zip(results, all).prefix(4).map { result, figures in
      BlurKernel(side: side, values: try content(of: result.task).kernel.map(Double.init)).picture(
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
