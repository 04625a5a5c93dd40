import Messages
import MetaLearning
import Networks
import Support
import Testing
import Training
import TrainingData

/// Blocks of tasks: what a worker makes of one, and what the coordinator makes of that.
@Suite struct BlockTests {
  private let folder: TemporaryFolder
  private let pictures: PictureSet
  private static let step = RoundID(.training, step: 0)

  init() throws {
    folder = try TemporaryFolder()
    pictures = try PictureSet(.deadLeaves(seed: 1, count: 4), file: folder.file("data").path)
  }

  private func loop(block: Int, batch: Int = 6, bound: Double = 1e4) throws -> OuterLoop {
    var settings = TrainingSettings()
    (settings.taskBatchSize, settings.block, settings.gradientBound) = (batch, block, bound)
    (settings.loop.steps, settings.loop.interval) = (4, 2)
    return try OuterLoop(TrainingState(settings), diverged: [], pictures)
  }

  private func result(_ loop: OuterLoop, _ index: Int) throws -> TaskResult {
    let settings = loop.state.settings
    let unit = TaskID(Self.step, index, block: settings.block)
    let found = try TaskComputation().run(
      loop.contents(of: unit), of: .training, from: loop.state.parameters,
      by: .init(settings.taskLoop, bound: settings.gradientBound))
    return TaskResult(
      origin: Origin(run: "run", incarnation: 1, parameters: loop.parametersHash), task: unit,
      gradient: found.gradient, losses: found.figures)
  }

  private func checkpoint(_ loop: OuterLoop) throws -> [UInt8] {
    try loop.state.encoded(data: "d", diverged: loop.settledDiverged)
  }

  /// The sum is the tasks' gradients in their order, each added in single precision; the figures are the tasks' own.
  @Test func `a block is the sum of its tasks in order`() throws {
    let (single, blocks) = (try loop(block: 1), try loop(block: 3))
    let singles = try (0..<6).map { try result(single, $0) }
    for block in 0..<2 {
      let own = singles[3 * block..<3 * block + 3].map { $0 }
      let found = try result(blocks, block)
      var sum = own[0].gradient
      for other in own.dropFirst() { for i in sum.indices { sum[i] += other.gradient[i] } }
      #expect(found.gradient == sum)
      #expect(found.losses == own.flatMap(\.losses))
      #expect(blocks.verdict(of: found) == .sound)
    }
  }

  /// (B, block) alone decides on the bytes; a block of one is what was before there were blocks.
  @Test func `the tree of the sum is fixed`() throws {
    var bytes: [Int: [UInt8]] = [:]
    for block in [1, 2, 3, 6] {
      let (one, other) = (try loop(block: block), try loop(block: block))
      for index in 0..<6 / block { one.fold(try result(one, index)) }
      // Computed in another order, folded in the same.
      let backwards = try (0..<6 / block).reversed().map { try result(other, $0) }
      for result in backwards.reversed() { other.fold(result) }
      let (first, second) = (try one.finishStep(), try other.finishStep())
      #expect(first == second && first.tasks == 6)
      bytes[block] = one.state.parameters.values.withUnsafeBytes { Array($0) }
      #expect(try checkpoint(one) == checkpoint(other))
    }
    // One block of all six adds them as six blocks of one do.
    #expect(bytes[1] == bytes[6])
  }

  /// Norms between those of the six tasks, so that some diverge.
  private func bound() throws -> (bound: Double, diverging: [Int]) {
    let single = try loop(block: 1)
    let norms = try (0..<6).map { index in
      try result(single, index).gradient.withUnsafeBufferPointer { norm($0) }
    }
    let sorted = norms.sorted()
    let bound = (sorted[3] + sorted[4]) / 2
    return (bound, norms.indices.filter { norms[$0] > bound })
  }

  @Test func `tasks that diverge are named and left out in every block size`() throws {
    let (bound, diverging) = try bound()
    try #require(diverging.count == 2)
    for block in [1, 2, 3, 6] {
      let loop = try loop(block: block, bound: bound)
      var claimed: [Int] = []
      for index in 0..<6 / block {
        let result = try result(loop, index)
        switch loop.verdict(of: result) {
        case .sound: loop.fold(result)
        case .partial(let leftOut):
          claimed += leftOut
          loop.fold(result)
        case .suspicious:
          claimed += result.task.tasks
          loop.leaveOut(result.task)
        case .broken(let why): Issue.record("\(why)")
        }
      }
      #expect(claimed == diverging)
      #expect(loop.diverged == diverging.map { "0:\($0)" })
      #expect(try loop.finishStep().tasks == 4, "the mean is over the others")
    }
  }

  @Test func `a claimed sum over the bound is suspicious`() throws {
    let loop = try loop(block: 3)
    let sound = try result(loop, 0)
    let large = TaskResult(
      origin: sound.origin, task: sound.task, gradient: sound.gradient.map { $0 * 1e9 }, losses: sound.losses)
    guard case .suspicious = loop.verdict(of: large) else {
      Issue.record("a sum of any size passes")
      return
    }
    let short = TaskResult(
      origin: sound.origin, task: sound.task, gradient: sound.gradient,
      losses: Array(sound.losses.dropLast(sound.losses.count / 3)))
    guard case .broken = loop.verdict(of: short) else {
      Issue.record("figures of two tasks pass for three")
      return
    }
  }

  /// The noise scale is for people: whatever norms results tell, the checkpoint is the same.
  @Test func `the noise scale changes no byte`() throws {
    let (one, other) = (try loop(block: 2), try loop(block: 2))
    for index in 0..<3 {
      let result = try result(one, index)
      one.fold(result)
      let each = result.losses.count / 2
      // The norms stand before the kernel.
      let norms = each - Architecture.paper.kernelSide * Architecture.paper.kernelSide - 3
      var figures = result.losses
      for task in 0..<2 { for i in 0..<3 { figures[task * each + norms + i] *= 7 } }
      let bent = TaskResult(
        origin: result.origin, task: result.task, gradient: result.gradient, losses: figures)
      #expect(other.verdict(of: bent) == .sound)
      other.fold(bent)
    }
    let (first, second) = (try one.finishStep(), try other.finishStep())
    #expect(first.noise.steps == 1 && first.noise != second.noise)
    #expect(try checkpoint(one) == checkpoint(other))
  }

  @Test func `norms that are none are broken`() throws {
    let loop = try loop(block: 1)
    let sound = try result(loop, 0)
    let norms = sound.losses.count - Architecture.paper.kernelSide * Architecture.paper.kernelSide - 3
    for value in [Float.nan, .infinity, -1] {
      var figures = sound.losses
      figures[norms] = value
      let bent = TaskResult(
        origin: sound.origin, task: sound.task, gradient: sound.gradient, losses: figures)
      guard case .broken = loop.verdict(of: bent) else {
        Issue.record("a norm of \(value) passes")
        continue
      }
    }
  }
}
