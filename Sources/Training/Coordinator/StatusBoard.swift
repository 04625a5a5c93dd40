import Coordination
import Foundation
import MetaLearning
import Platform
import RunDirectory

/// Keeps `status.json` in the run's folder up to date for those who watch. What cannot be written is told once; training
/// goes on.
package final class StatusBoard {
  private let lease: RunLease
  /// Tasks a step.
  private let batch: Int
  private let log: (String) -> Void
  private var status: RunStatus
  private var paces: [String: Pace] = [:]
  private var written = Deadline.now
  private var hasFailed = false

  /// Points that the curves of a status hold at most; a longer one is thinned.
  package static let longestHistory = 240

  /// A resumed run's curves go on where they were.
  init(_ run: OpenRun, log: @escaping (String) -> Void) {
    (lease, self.log) = (run.lease, log)
    batch = run.configuration.training.taskBatchSize
    let folder = run.lease.folder
    let step = run.state.step
    status = RunStatus(
      name: folder.name, algorithm: run.configuration.training.algorithm.rawValue, step: step,
      steps: run.configuration.run.steps)
    status.best = try? folder.bestCheckpoint()
    guard let last = try? folder.status() else { return }
    status.history = last.history.filter { $0.step <= step }
    status.evaluations = last.evaluations.filter { $0.step <= step }
    if let latest = last.latest, latest.step == step { status.latest = latest }
  }

  func note(_ checkpoint: RunStatus.Checkpoint) { status.latest = checkpoint }

  func note(_ faults: RunStatus.Faults) { status.faults = faults }

  func note(_ evaluation: OuterLoop.Evaluation, step: Int) {
    let quality = RunStatus.Quality(step: step, before: evaluation.before, after: evaluation.after)
    status.evaluations = Self.extended(status.evaluations, by: quality)
    if let best = try? lease.folder.bestCheckpoint() { status.best = best }
  }

  /// Writes how things stand now.
  func show(_ now: CoordinatorProcess.Status, _ kernels: [RunStatus.Kernels]) {
    if now.tasks > status.tasks {
      status.losses = RunStatus.Losses(
        kernel: finite(now.means.kernelLoss), generator: finite(now.means.generatorLoss),
        discriminator: finite(now.means.discriminatorLoss))
    }
    if now.step > status.step, now.tasks > status.tasks {
      let quality = RunStatus.Quality(
        step: now.step, before: now.means.psnrBefore, after: now.means.psnrAfter)
      status.history = Self.extended(status.history, by: quality)
    }
    (status.step, status.tasks) = (now.step, now.tasks)
    status.tasksPerSecond = finite(now.tasksPerSecond)
    if now.tasks > 0 { status.noiseScale = RunStatus.NoiseScale(now.noise, batch: batch) }
    status.secondsLeft = now.tasksPerSecond > 0 ? finite(now.secondsLeft) : nil
    status.kernels = kernels
    write()
  }

  /// Before `show`: who is there.
  func note(_ standings: [WorkerStanding], now: Duration) {
    let elapsed = written.elapsed
    var paces: [String: Pace] = [:]
    status.workers = standings.map { worker in
      let pace = self.paces[worker.name, default: Pace()].after(elapsed, done: worker.done)
      paces[worker.name] = pace
      return RunStatus.Worker(worker, pace, silentFor: (now - worker.lastHeard).seconds)
    }
    self.paces = paces
  }

  /// The last word of this coordinator; nil where an error ended it.
  func close(_ end: End?) {
    (status.secondsLeft, status.tasksPerSecond) = (nil, nil)
    status.workers.removeAll { $0.stage != .quarantined }
    status.message = end?.description ?? "the run ended with an error; its train.log tells"
    switch end {
    case .finished: status.state = .finished
    case .interrupted: status.state = .interrupted
    case .crashingTask, .diverging, .replayFailed, nil: status.state = .failed
    }
    write()
  }

  private func write() {
    status.updated = (Date().timeIntervalSince1970 * 1000).rounded() / 1000
    written = .now
    do {
      try lease.publish(status)
      hasFailed = false
    } catch {
      if !hasFailed { log("\(error); training goes on") }
      hasFailed = true
    }
  }

  /// A curve that is too long keeps half as many points, spread evenly over its steps, with the first and the last: so it
  /// always spans the whole run.
  package static func extended(
    _ curve: [RunStatus.Quality], by quality: RunStatus.Quality?
  ) -> [RunStatus.Quality] {
    guard let quality else { return curve }
    let all = curve + [quality]
    guard all.count > longestHistory else { return all }
    let spacing = max(Double(quality.step - all[0].step) / Double(longestHistory / 2), 1)
    var next = Double(all[0].step)
    return all.enumerated().filter { index, point in
      guard Double(point.step) >= next || index == all.count - 1 else { return false }
      next = max(next, Double(point.step)) + spacing
      return true
    }.map(\.element)
  }
}

/// A worker's speed, as its results of about the last ten seconds tell.
package struct Pace {
  var done: Int?
  package private(set) var perSecond = 0.0

  package init() {}

  private init(done: Int, perSecond: Double = 0) { (self.done, self.perSecond) = (done, perSecond) }

  package func after(_ seconds: Double, done now: Int) -> Pace {
    guard let done, done <= now, seconds > 0 else { return Pace(done: now) }
    let kept = perSecond == 0 ? 0 : exp(-seconds / 10)
    return Pace(done: now, perSecond: kept * perSecond + (1 - kept) * Double(now - done) / seconds)
  }
}

extension RunStatus.Worker {
  fileprivate init(_ worker: WorkerStanding, _ pace: Pace, silentFor: Double) {
    var (stage, reason) = (Stage.active, String?.none)
    switch worker.stage {
    case .canary: stage = .examined
    case .active: break
    case .quarantined(let why): (stage, reason) = (.quarantined, why)
    }
    self.init(
      name: worker.name, host: worker.host, cores: worker.cores, instructionSet: worker.instructionSet,
      stage: stage, reason: reason,
      tasksPerSecond: stage == .quarantined ? 0 : (pace.perSecond * 100).rounded() / 100,
      tasksDone: worker.done, retries: worker.retries, silentFor: (silentFor * 10).rounded() / 10)
  }
}

extension RunStatus.NoiseScale {
  init(_ noise: GradientNoise, batch: Int) {
    let scales = noise.scales
    self.init(
      generator: scales.generator.shown, discriminator: scales.discriminator.shown,
      prediction: scales.prediction.shown, sentence: noise.sentence(batch: batch))
  }
}

extension GradientNoise.Scale {
  /// To a tenth of a task.
  fileprivate var shown: Double? { value.flatMap(finite).map { ($0 * 10).rounded() / 10 } }
}

private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
