import Messages
import MetaLearning
import Networks
import Support
import Testing
import Training
import TrainingData

/// The coordinator's tensors: what counts as a result, and what a step leaves.
@Suite struct OuterLoopTests {
  private let folder: TemporaryFolder
  private let loop: OuterLoop
  private let kernelCount = Architecture.paper.kernelSide * Architecture.paper.kernelSide

  init() throws {
    folder = try TemporaryFolder()
    let pictures = try PictureSet(.deadLeaves(seed: 1, count: 4), file: folder.file("data").path)
    loop = try OuterLoop(TrainingState(TrainingSettings()), diverged: [], pictures)
  }

  private func result(_ index: Int = 0, step: Int = 0, gradient: Float = 1e-4) -> TaskResult {
    let evaluations = loop.state.settings.taskLoop.evaluations
    let count = TaskFigures.count(evaluations: evaluations, kernelCount: kernelCount)
    let figures = [Float(evaluations)] + [Float](repeating: 0.5, count: count - 1)
    return TaskResult(
      origin: Origin(run: "run", incarnation: 1, parameters: loop.parametersHash),
      task: TaskID(RoundID(.training, step: step), index),
      gradient: [Float](repeating: gradient, count: loop.state.settings.taskLoop.trainedRange.count),
      losses: figures)
  }

  @Test func `a sound result is sound and others are named`() {
    #expect(loop.verdict(of: result()) == .sound)
    var damaged = result()
    damaged.gradient[7] += 1
    #expect(loop.verdict(of: damaged) == .broken("its checksum is wrong"))
    for value in [Float.nan, .infinity] {
      #expect(loop.verdict(of: result(gradient: value)) == .suspicious("its gradient is not finite"))
    }
    guard case .suspicious(let why) = loop.verdict(of: result(gradient: 1e9)) else {
      Issue.record("a gradient of any size passes")
      return
    }
    #expect(why.contains("norm"))
  }

  @Test func `results of another shape are broken`() {
    let sound = result()
    for (gradient, losses) in [
      (sound.gradient.dropLast(), sound.losses), (sound.gradient + [0], sound.losses),
      (sound.gradient, sound.losses.dropLast()), (sound.gradient, [Float](sound.losses.dropFirst())),
      (sound.gradient, []), ([], sound.losses),
    ] as [([Float], [Float])] {
      let bent = TaskResult(origin: sound.origin, task: sound.task, gradient: gradient, losses: losses)
      guard case .broken = loop.verdict(of: bent) else {
        Issue.record("\(gradient.count) gradient values and \(losses.count) figures pass")
        continue
      }
    }
  }

  /// A checkpoint in the middle of a step holds nothing of it: resumed from there, the step is done again, and a task
  /// that diverges would be recorded twice.
  @Test func `diverged tasks are settled with their step`() throws {
    loop.leaveOut(TaskID(RoundID(.training, step: 0), 3))
    #expect(loop.diverged == ["0:3"] && loop.settledDiverged == [])
    loop.restartStep()
    #expect(loop.diverged == [])
    loop.leaveOut(TaskID(RoundID(.training, step: 0), 2))
    loop.fold(result())
    _ = try loop.finishStep()
    #expect(loop.diverged == ["0:2"] && loop.settledDiverged == ["0:2"])
  }

  @Test func `a restarted step forgets what it folded`() throws {
    let other = try OuterLoop(
      TrainingState(TrainingSettings()), diverged: [],
      PictureSet(.deadLeaves(seed: 1, count: 4), file: folder.file("data").path))
    loop.fold(result(0, gradient: 5e-4))
    loop.restartStep()
    for one in [loop, other] { one.fold(result(0)) }
    let (first, second) = (try loop.finishStep(), try other.finishStep())
    #expect(first == second && first.tasks == 1 && first.means.psnrAfter == 0.5)
    #expect(loop.parametersHash == other.parametersHash)
    #expect(loop.state.step == 1)
  }

  @Test func `the last kernels are shown newest first`() throws {
    for index in 0..<9 { loop.fold(result(index)) }
    let kernels = try loop.recentKernels()
    #expect(kernels.map(\.index) == [8, 7, 6, 5, 4, 3])
    #expect(kernels.allSatisfy { $0.truth.count == kernelCount && $0.psnr == 0.5 })
  }
}

@Suite struct TaskFigureTests {
  @Test(arguments: [1, 5])
  func `figures travel as floats`(evaluations: Int) throws {
    let floats = [Float(evaluations)] + (0..<(4 * evaluations + 8 + 9)).map { Float($0) / 8 }
    let figures = try #require(TaskFigures(floats, evaluations: evaluations, kernelCount: 9))
    #expect(figures.floats == floats && figures.metaLosses.count == evaluations)
    #expect(floats.count == TaskFigures.count(evaluations: evaluations, kernelCount: 9))
    let none = TaskFigures.leftOut(evaluations: evaluations, kernelCount: 9)
    let three = TaskFigures.read(floats + none + floats, tasks: 3, evaluations: evaluations, kernelCount: 9)
    #expect(three == [.figures(figures), .leftOut, .figures(figures)])
    for tasks in [2, 4] {
      let other = TaskFigures.read(
        floats + none + floats, tasks: tasks, evaluations: evaluations, kernelCount: 9)
      #expect(other == nil)
    }
    for bent in [floats.dropLast(), floats + [0], []] as [[Float]] {
      #expect(TaskFigures(bent, evaluations: evaluations, kernelCount: 9) == nil)
    }
    #expect(TaskFigures(floats, evaluations: evaluations + 1, kernelCount: 9) == nil)
  }
}
