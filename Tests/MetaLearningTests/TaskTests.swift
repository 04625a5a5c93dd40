import BlurKernels
import Checkpoints
import MetaLearning
import Networks
import Numerics
import Support
import Testing

@Suite("Tasks")
struct TaskTests {
  static func task(_ key: UInt64, noise: Float = 0) -> MetaTask {
    var random = Philox(key: key)
    let crop = (0..<MetaTask.cropSide * MetaTask.cropSide * 3).map { _ in UInt8(random.below(256)) }
    let kernel = KernelDistribution.paper.draw(using: &random).values.map(Float.init)
    return MetaTask(crop: crop, kernel: kernel, imageNoise: noise, key: key)
  }

  /// Worst relative error, norm over norm.
  static func error(_ a: [Float], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  // MARK: agreement

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `schedule agrees`() throws {
    let file = try SafeTensors(path: SharedData.reference("task_golden.safetensors").path)
    let steps = try file.integers("schedule_steps")
    let weights = try file.doubles("schedule_weights")
    for (row, step) in steps.enumerated() {
      let ours = IntervalSchedule.weights(at: step, evaluations: 5)
      // The reference holds float32.
      for (a, b) in zip(ours, weights[5 * row..<5 * row + 5]) { #expect(abs(Double(a) - b) < 1e-7) }
    }
  }

  /// What a worker makes of a task's crop: both LR pictures, every region and every real patch, within 1e-6.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `inputs agree`() throws {
    let file = try SafeTensors(path: SharedData.reference("task_golden.safetensors").path)
    let crop = try file.bytes("augmented_u8")
    let kernel = try file.floats("kernel")
    let runner = try TaskRunner()
    runner.begin(
      MetaTask(crop: crop, kernel: kernel, imageNoise: 0, key: 0), from: NetworkState(.paper, freshFrom: 1))
    let dad = try file.doubles("lr_dad")
    let son = try file.doubles("lr_son")
    let (ourDad, ourSon) = runner.lowResolution
    #expect(Self.error(ourDad, dad) < 1e-6)
    #expect(Self.error(ourSon, son) < 1e-6)
    let places = try file.integers("crop_output_yx")
    for index in 0..<25 {
      let (row, column) = (places[2 * index], places[2 * index + 1])
      for real in InnerLoop.Real.allCases {
        runner.fillPictures(row: row, column: column, real: real)
        let region = cut(dad, side: 96, top: 2 * row - 5, left: 2 * column - 5, size: 73)
        let patch =
          real == .lr
          ? cut(dad, side: 96, top: 2 * row, left: 2 * column, size: 32)
          : cut(son, side: 48, top: row, left: column, size: 32)
        #expect(Self.error(runner.input.regions.array, region) < 1e-6)
        #expect(Self.error(runner.input.real.array, patch) < 1e-6)
      }
    }
  }

  private func cut(_ planes: [Double], side: Int, top: Int, left: Int, size: Int) -> [Double] {
    (0..<3 * size * size).map { i in
      let (c, y, x) = (i / (size * size), i / size % size, i % size)
      return planes[(c * side + (top + y + side) % side) * side + (left + x + side) % side]
    }
  }

  // MARK: hazards

  /// A task gives the same bytes wherever it runs and whatever ran before it.
  @Test func `outcome depends on the arguments alone`() throws {
    let start = TrainedParameters(freshFrom: 1, predicting: false)
    let values = start.values
    let weights = IntervalSchedule.weights(at: 0, evaluations: 5)
    let task = Self.task(3, noise: 0.02)
    let one = try TaskRunner().run(task, from: start, .paper, weights: weights)
    let used = try TaskRunner()
    _ = used.run(
      Self.task(4), from: TrainedParameters(freshFrom: 2, predicting: false), .paper, weights: weights)
    #expect(used.run(task, from: start, .paper, weights: weights) == one)
    #expect(start.values == values, "the start is copied")
    #expect(one.metaLosses.count == 5 && one.gradient.count == 116_097)
    #expect(one.gradient.allSatisfy { $0.isFinite } && one.gradient.contains { $0 != 0 })
  }

  /// The gradient is the weighted sum of the evaluations' and each is made at the parameters adapted so far.
  @Test func `gradient is the weighted sum`() throws {
    let start = TrainedParameters(freshFrom: 1, predicting: false)
    let task = Self.task(5)
    let runner = try TaskRunner()
    let parts = (0..<5).map { index in
      runner.run(task, from: start, .paper, weights: (0..<5).map { $0 == index ? 1 : 0 }).gradient
    }
    let weights: [Float] = [0.1, 0.2, 0.3, 0.15, 0.25]
    let whole = runner.run(task, from: start, .paper, weights: weights).gradient
    for i in stride(from: 0, to: whole.count, by: 97) {
      let expected = (0..<5).reduce(Float(0)) { $0.addingProduct(weights[$1], parts[$1][i]) }
      #expect(whole[i] == expected)
    }
    #expect(Set(parts.map { $0[0] }).count == 5)
  }

  /// Evaluations leave no trace: the kernel after adaptation is the same however often they are made.
  @Test func `evaluations leave no trace`() throws {
    let start = TrainedParameters(freshFrom: 1, predicting: false)
    let task = Self.task(6)
    let runner = try TaskRunner()
    var sparse = InnerLoop.paper
    sparse.interval = 25
    let often = runner.run(task, from: start, .paper, weights: [0, 0, 0, 0, 1])
    let once = runner.run(task, from: start, sparse, weights: [1])
    #expect(often.kernelAfter == once.kernelAfter && often.lastStep == once.lastStep)
  }

  @Test func `image noise has its deviation`() throws {
    let runner = try TaskRunner()
    let start = TrainedParameters(freshFrom: 1, predicting: false)
    runner.begin(Self.task(7), from: start.networks)
    let clean = runner.lowResolution.dad
    runner.begin(Self.task(7, noise: 0.03), from: start.networks)
    let noise = zip(runner.lowResolution.dad, clean).map { Double($0 - $1) }
    let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)).squareRoot()
    // Six standard errors of a deviation over 27,648 samples.
    #expect(abs(deviation / 0.03 - 1) < 6 / (2 * Double(noise.count)).squareRoot())
  }

  @Test func `schedule sums to one and settles`() {
    for j in [0, 1, 1000, 3233, 3234, 10_000, 1_000_000] {
      let weights = IntervalSchedule.weights(at: j, evaluations: 5)
      #expect(abs(weights.reduce(0, +) - 1) < 1e-6)
      #expect(weights.dropLast().allSatisfy { $0 >= 0.0059 })
    }
    #expect(IntervalSchedule.weights(at: 50_000, evaluations: 5).last == 0.976)
    #expect(IntervalSchedule.weights(at: 0, evaluations: 1) == [1])
  }

  // MARK: outer loop

  /// The data set baseline: descending the meta-objective on one task, without adaptation, brings its kernel loss down.
  @Test func `dataset baseline learns`() throws {
    var settings = TrainingSettings()
    settings.algorithm = .dataset
    let state = try TrainingState(settings)
    let runner = try TaskRunner()
    let task = Self.task(9)
    let losses = (0..<150).map { _ in
      let outcome = runner.run(
        task, from: state.parameters, settings.taskLoop, weights: settings.intervalWeights(at: 0))
      outcome.gradient.withUnsafeBufferPointer { state.fold($0) }
      state.finishStep()
      return outcome.metaLosses[0].kernel
    }
    #expect(losses.suffix(10).reduce(0, +) / 10 < 0.5 * losses[0])
  }
}
