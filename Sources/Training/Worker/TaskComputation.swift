import Checkpoints
import Messages
import MetaLearning
import Networks

/// Runs what an order says; the same code for workers, canaries and replays, and for tests that play a worker.
package struct TaskComputation {
  private let plain: TaskRunner, predicting: TaskRunner

  /// - Throws: `NumericsError` on a processor without AVX2.
  package init() throws { (plain, predicting) = (try TaskRunner(), try TaskRunner(predicting: true)) }

  private func runner(_ loop: MetaLearning.InnerLoop) -> TaskRunner {
    loop.predicts ? predicting : plain
  }

  /// The gradient is empty in an evaluation round, whose point are the figures.
  package func run(
    _ content: TaskContent, _ kind: RoundID.Kind, from start: TrainedParameters,
    _ loop: MetaLearning.InnerLoop,
    onStep: (Int) -> Void = { _ in }
  ) -> (gradient: [Float], figures: [Float]) {
    let outcome = runner(loop).run(
      MetaTask(content), from: start, loop, weights: content.intervalWeights, onStep: onStep)
    return (
      kind == .training ? outcome.gradient : [], TaskFigures(outcome, trueKernel: content.kernel).floats
    )
  }

  /// Whether an order has the shape of this program's tasks.
  static func canRun(_ content: TaskContent, _ loop: MetaLearning.InnerLoop) -> Bool {
    let isOfSide =
      loop.predicts
      ? content.side % 4 == 0 && content.side >= MetaTask.leastSide : content.side == MetaTask.cropSide
    return isOfSide && content.pixels.count == content.side * content.side * 3
      && content.kernel.count == Architecture.paper.kernelSide * Architecture.paper.kernelSide
      && content.intervalWeights.count == loop.evaluations
  }

  /// XXH3 of the canary's result.
  package func run(_ canary: Canary, _ loop: MetaLearning.InnerLoop) -> UInt64 {
    var short = loop
    short.steps = canary.adaptationSteps
    short.interval = short.steps
    let start = TrainedParameters(freshFrom: canary.parametersKey, predicting: loop.predicts)
    let result = run(canary.content, .training, from: start, short)
    return TaskResult.checksum(gradient: result.gradient, losses: result.figures)
  }
}
