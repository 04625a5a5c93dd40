import BlurKernels
import Checkpoints
import Foresight
import MetaLearning
import Networks
import Numerics
import Platform
import Support
import Testing
import TrainingData

@Suite("Tasks of a predicted kernel")
struct ConditionedTaskTests {
  private static func loop(
    steps: Int, scale: Int = 2, shrinking: Double = 1, jpegShare: Double = 0, softening: Double = 0
  )
    -> InnerLoop
  {
    var loop = InnerLoop.paper
    (loop.steps, loop.interval) = (steps, max(steps, 1))
    loop.prediction = .init(
      scale: scale, dropout: 0.2, shrinking: shrinking, jpegShare: jpegShare, softening: softening)
    return loop
  }

  private static func start() -> TrainedParameters {
    let start = TrainedParameters(freshFrom: 3, predicting: true)
    standardise(start.prediction)
    return start
  }

  /// As if the training set's spectra had deviation 1.
  private static func standardise(_ parameters: PredictionParameters?) {
    for entry in PredictionParameters.layout.entries where entry.name.hasSuffix("deviation") {
      parameters?[entry.name].update(repeating: 1, count: entry.count)
    }
  }

  private static func task(_ key: UInt64, side: Int = 192) -> MetaTask {
    var random = Philox(key: key)
    let crop = (0..<side * side * 3).map { _ in UInt8(random.below(256)) }
    let kernel = KernelDistribution.paper.draw(using: &random).values.map(Float.init)
    return MetaTask(crop: crop, kernel: kernel, imageNoise: 0.01, key: key)
  }

  /// Same bytes wherever it runs and whatever ran before it, of whatever size.
  @Test(arguments: [(0, 2, 1.0), (0, 4, 2.5), (3, 2, 2.0)])
  func `outcome depends on the arguments alone`(steps: Int, scale: Int, shrinking: Double) throws {
    let loop = Self.loop(steps: steps, scale: scale, shrinking: shrinking)
    let start = Self.start()
    let one = try TaskRunner(predicting: true).run(Self.task(1), from: start, loop, weights: [1])
    let used = try TaskRunner(predicting: true)
    _ = used.run(Self.task(2, side: 320), from: start, loop, weights: [1])
    _ = used.run(Self.task(3, side: 128), from: start, loop, weights: [1])
    #expect(used.run(Self.task(1), from: start, loop, weights: [1]) == one)
    #expect(one.gradient.count == loop.trainedRange.count)
    #expect(one.gradient.allSatisfy(\.isFinite) && one.gradient.contains { $0 != 0 })
  }

  /// A share of none leaves every byte alone; one of a half stores half of the pictures, as a picture file would.
  @Test(arguments: [2, 4]) func `jpeg share is the share of stored pictures`(scale: Int) throws {
    let runner = try TaskRunner(predicting: true)
    func low(_ key: UInt64, _ share: Double) -> [Float] {
      runner.begin(
        Self.task(key), from: Self.start().networks,
        Self.loop(steps: 0, scale: scale, jpegShare: share).prediction)
      return scale == 2 ? runner.lowResolution.dad : runner.lowResolution.son
    }
    var stored = 0
    for key in 0..<60 as Range<UInt64> {
      let (plain, half, all) = (low(key, 0), low(key, 0.5), low(key, 1))
      #expect(half == plain || half == all)
      #expect(all != plain && all.allSatisfy { ($0 * 255).rounded() / 255 == $0 }, "whole levels")
      if half == all { stored += 1 }
    }
    // 30 and four standard deviations.
    #expect(15...45 ~= stored)
  }

  /// Half of the pictures are softer than their kernels say.
  @Test func `softening is for half of the pictures`() throws {
    let runner = try TaskRunner(predicting: true)
    func low(_ key: UInt64, _ softening: Double) -> [Float] {
      runner.begin(
        Self.task(key), from: Self.start().networks, Self.loop(steps: 0, softening: softening).prediction)
      return runner.lowResolution.dad
    }
    func contrast(_ values: [Float]) -> Float {
      zip(values, values.dropFirst()).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
    var softened = 0
    for key in 0..<60 as Range<UInt64> {
      let (plain, soft) = (low(key, 0), low(key, 0.7))
      guard soft != plain else { continue }
      #expect(contrast(soft) < contrast(plain))
      softened += 1
    }
    // 30 and four standard deviations.
    #expect(15...45 ~= softened)
  }

  /// JPEG's blocks begin anywhere, and the picture stays where it was.
  @Test func `stored pictures stay where they were`() throws {
    let runner = try TaskRunner(predicting: true)
    let side = 192
    // Smooth, and of another slope along rows than along columns.
    let crop = (0..<3 * side * side).map { UInt8(20 + $0 / 3 % side / 2 + $0 / 3 / side / 3) }
    let kernel = BlurKernel.gaussian(side: 11, centre: (4.5, 4.5), covariance: .init(xx: 1, xy: 0, yy: 1))
    for key in 0..<8 as Range<UInt64> {
      let task = MetaTask(
        crop: crop, kernel: kernel.normalised().values.map(Float.init), imageNoise: 0, key: key)
      func low(_ share: Double) -> [Float] {
        runner.begin(task, from: Self.start().networks, Self.loop(steps: 0, jpegShare: share).prediction)
        return runner.lowResolution.dad
      }
      let differences = zip(low(0), low(1)).map { abs($0 - $1) }.sorted()
      #expect(differences[0] != differences[differences.count - 1], "stored")
      #expect(differences[differences.count / 2] < 2 / 255.0)
    }
  }

  /// A row's length: where a ramp along rows begins anew, or one along columns goes on.
  private static func ends(of low: [Float], alongRows: Bool) -> Int? {
    (1...240).first { alongRows ? low[$0] < low[$0 - 1] : low[$0] > low[$0 - 1] + 0.001 }
  }

  /// Half of the crops are shrunk first: each pixel is the mean over what it covers, along rows as along columns.
  @Test(arguments: [true, false]) func `shrinking takes means`(alongRows: Bool) throws {
    let runner = try TaskRunner(predicting: true)
    let side = 480
    let crop = (0..<3 * side * side).map { i in UInt8((alongRows ? i / 3 % side : i / 3 / side) / 2) }
    var kernel = [Float](repeating: 0, count: 121)
    kernel[60] = 1  // takes every other pixel
    var sides: Set<Int> = []
    for key in 0..<12 as Range<UInt64> {
      let task = MetaTask(crop: crop, kernel: kernel, imageNoise: 0, key: key)
      runner.begin(task, from: Self.start().networks, Self.loop(steps: 0, shrinking: 2.5).prediction)
      let low = runner.lowResolution.dad
      let row = Self.ends(of: low, alongRows: alongRows)
      let width = try #require(row)
      let factor = Double(side) / Double(2 * width)
      for i in 0..<width {
        let from = Double(2 * i) * factor
        let to = from + factor
        var sum = 0.0
        for source in 0..<side {
          let covered = min(to, Double(source + 1)) - max(from, Double(source))
          sum += Double(source / 2) * max(0, covered)
        }
        let expected = Float(sum / factor / 255)
        for other in [0, width / 2, width - 1] {
          let found = alongRows ? low[other * width + i] : low[i * width + other]
          #expect(abs(found - expected) < 1e-5)
        }
      }
      sides.insert(width)
    }
    #expect(sides.count > 2 && sides.contains(side / 2), "some are shrunk, some are not")
  }

  /// Adaptation starts at the predicted kernel exactly, and moves from there as the collapse does.
  @Test func `adaptation starts at the predicted kernel`() throws {
    let runner = try TaskRunner(predicting: true)
    let predicted = runner.run(Self.task(4), from: Self.start(), Self.loop(steps: 0), weights: [1])
    var still = Self.loop(steps: 2)
    (still.step.generatorRate, still.step.discriminatorRate) = (0, 0)
    let unmoved = runner.run(Self.task(4), from: Self.start(), still, weights: [1])
    #expect(unmoved.kernelBefore == predicted.kernelAfter)
    // K(theta) + (k0 - K(theta)) in single precision.
    for (a, b) in zip(unmoved.kernelAfter, predicted.kernelAfter) { #expect(abs(a - b) < 1e-6) }
    let moved = runner.run(Self.task(4), from: Self.start(), Self.loop(steps: 2), weights: [1])
    #expect(moved.kernelAfter != predicted.kernelAfter)
  }

  /// Without adaptation both networks wait, byte for byte, and the rest learns.
  @Test func `only the prediction learns without adaptation`() throws {
    var settings = TrainingSettings()
    settings.algorithm = .conditioned
    (settings.loop.steps, settings.loop.interval) = (0, 1)
    let state = try TrainingState(settings)
    Self.standardise(state.parameters.prediction)
    let before = try #require(state.parameters.prediction).values
    let networks = state.parameters.networks.values
    let runner = try TaskRunner(predicting: true)
    var losses: [Float] = []
    for _ in 0..<60 {
      let outcome = runner.run(Self.task(5), from: state.parameters, settings.taskLoop, weights: [1])
      losses.append(outcome.metaLosses[0].kernel)
      outcome.gradient.withUnsafeBufferPointer { state.fold($0) }
      state.finishStep()
    }
    let trained = PredictionParameters.trainedCount
    let after = try #require(state.parameters.prediction).values
    #expect(settings.taskLoop.trainedRange.count == trained)
    #expect(state.parameters.networks.values == networks)
    #expect(after[..<trained] != before[..<trained] && after[trained...] == before[trained...])
    let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
    #expect(last < 0.5 * first)
  }

  /// A checkpoint of it reads back and goes on with the same bytes.
  @Test func `checkpoints read back`() throws {
    var settings = TrainingSettings()
    settings.algorithm = .conditioned
    (settings.loop.steps, settings.loop.interval, settings.prediction.shrinking) = (0, 1, 2)
    let folder = try TemporaryFolder()
    let state = try TrainingState(settings)
    let gradient = (0..<settings.taskLoop.trainedRange.count).map { Float($0 % 7) - 3 }
    gradient.withUnsafeBufferPointer { state.fold($0) }
    state.finishStep()
    let path = folder.file("state.safetensors").path
    try writeAtomically(state.encoded(data: "d"), to: path)
    let read = try TrainingState.read(path).state
    #expect(read.settings == settings)
    for one in [state, read] {
      gradient.withUnsafeBufferPointer { one.fold($0) }
      one.finishStep()
    }
    #expect(try read.encoded(data: "d") == state.encoded(data: "d"))
  }

  /// Settings that came later leave the bytes of earlier trainings alone.
  @Test func `later settings are written only where they matter`() throws {
    let plain = try TrainingState(TrainingSettings()).encoded(data: "d")
    let text = String(decoding: plain.prefix(4000), as: UTF8.self)
    #expect(text.contains("training.kernel-noise") && !text.contains("training.shrinking"))
    #expect(!text.contains("family-share") && !text.contains("jpeg-share") && !text.contains("softening"))
  }
}
