import RunDirectory
import Telemetry

/// A training's TensorBoard curves. What cannot be written is told once; training goes on.
final class Curves {
  private let writer: EventWriter?
  private let log: (String) -> Void
  private var lastStep = 0

  init(folder: String, firstStep: Int, _ log: @escaping (String) -> Void) {
    self.log = log
    do { writer = try EventWriter(folder: folder, firstStep: firstStep) } catch {
      writer = nil
      log("\(error)")
    }
  }

  /// Nothing where no outer step was finished since the last time.
  func write(_ status: CoordinatorProcess.Status) {
    guard status.step > lastStep, status.tasks > 0 else { return }
    lastStep = status.step
    let figures = StepFigures(
      generatorLoss: status.means.generatorLoss, discriminatorLoss: status.means.discriminatorLoss,
      kernelLoss: status.means.kernelLoss,
      generatorGradientNorm: status.generatorNorm, discriminatorGradientNorm: status.discriminatorNorm,
      tasksPerSecond: status.tasksPerSecond, stragglers: status.counters?.reissued ?? 0,
      workers: status.workers,
      noiseScales: RunStatus.NoiseScale(status.noise, batch: 2).byNetwork)
    attempt { try $0.figures(figures, step: status.step) }
  }

  func write(_ evaluation: OuterLoop.Evaluation, step: Int) {
    attempt { writer in
      try writer.kernelPSNR(before: evaluation.before, after: evaluation.after, step: step)
      for (task, picture) in evaluation.pictures.enumerated() {
        try writer.kernels(picture, task: task, step: step)
      }
    }
  }

  private func attempt(_ write: (EventWriter) throws -> Void) {
    guard let writer else { return }
    do { try write(writer) } catch { log("\(error); training goes on") }
  }
}
