import Checkpoints
import Messages
import MetaLearning
import Networks

/// Runs what an order says; the same code for workers, canaries and replays, and for tests that play a worker.
package struct TaskComputation {
  private let plain: TaskRunner, predicting: TaskRunner

  /// - Throws: `NumericsError` on a processor without AVX2.
  package init() throws { (plain, predicting) = (try TaskRunner(), try TaskRunner(predicting: true)) }

  private func runner(_ loop: InnerLoop) -> TaskRunner {
    loop.predicts ? predicting : plain
  }

  /// What all tasks of a run's units are computed with.
  package struct Rules {
    package let loop: InnerLoop
    /// L2 norm of a gradient above which its task is left out.
    package let bound: Double

    package init(_ loop: InnerLoop, bound: Double) { (self.loop, self.bound) = (loop, bound) }

    package init(_ welcome: Welcome) {
      self.init(InnerLoop(welcome.innerLoop), bound: welcome.gradientBound)
    }
  }

  /// The tasks of a unit, one after the other from the same parameters, and the sum of their gradients in that order. A
  /// task whose gradient is not finite or over the bound is not in the sum, and its figures say so. The gradient is empty in
  /// an evaluation round, whose point are the figures.
  /// - Parameter onStep: told of the adaptation steps done of all tasks.
  package func run(
    _ contents: [TaskContent], of kind: RoundID.Kind, from start: TrainedParameters, by rules: Rules,
    onStep: (Int) -> Void = { _ in }
  ) -> (gradient: [Float], figures: [Float]) {
    let loop = rules.loop
    var sum: [Float]?
    var figures: [Float] = []
    for (number, content) in contents.enumerated() {
      let outcome = runner(loop).run(
        MetaTask(content), from: start, loop, weights: content.intervalWeights,
        onStep: { onStep(number * loop.steps + $0) })
      let (length, norms) = outcome.gradient.withUnsafeBufferPointer {
        (norm($0), gradientNorms($0, at: loop.trainedRange))
      }
      // Not a number is over every bound.
      guard kind == .evaluation || length <= rules.bound else {
        figures += TaskFigures.leftOut(
          evaluations: loop.evaluations, kernelCount: outcome.kernelAfter.count)
        continue
      }
      figures += TaskFigures(outcome, trueKernel: content.kernel, norms: norms).floats
      if kind == .training { Self.add(outcome.gradient, to: &sum) }
    }
    let none = kind == .training ? [Float](repeating: 0, count: loop.trainedRange.count) : []
    return (sum ?? none, figures)
  }

  /// The first gradient is the sum as it is; single-precision additions after that, one a value.
  private static func add(_ gradient: [Float], to sum: inout [Float]?) {
    guard var values = sum else {
      sum = gradient
      return
    }
    sum = nil  // gives up its reference: no copy of the array
    for i in values.indices { values[i] += gradient[i] }
    sum = values
  }

  /// Whether an order has the shape of this program's tasks.
  static func canRun(_ contents: [TaskContent], _ loop: InnerLoop) -> Bool {
    !contents.isEmpty && contents.allSatisfy { canRun($0, loop) }
  }

  private static func canRun(_ content: TaskContent, _ loop: InnerLoop) -> Bool {
    let isOfSide =
      loop.predicts
      ? content.side % 4 == 0 && content.side >= MetaTask.leastSide : content.side == MetaTask.cropSide
    return isOfSide && content.pixels.count == content.side * content.side * 3
      && content.kernel.count == Architecture.paper.kernelSide * Architecture.paper.kernelSide
      && content.intervalWeights.count == loop.evaluations
  }

  /// XXH3 of the canary's result.
  package func run(_ canary: Canary, _ loop: InnerLoop) -> UInt64 {
    var short = loop
    short.steps = canary.adaptationSteps
    short.interval = short.steps
    let start = TrainedParameters(freshFrom: canary.parametersKey, predicting: loop.predicts)
    let result = run([canary.content], of: .training, from: start, by: Rules(short, bound: .infinity))
    return TaskResult.checksum(gradient: result.gradient, losses: result.figures)
  }
}
