import Checkpoints
import Foresight
import Foundation
import MetaLearning
import Networks
import Numerics
import Platform
import Support
import Testing

@Suite("Training state")
struct TrainingStateTests {
  static func gradient(_ key: UInt64) -> [Float] {
    var random = Philox(key: key)
    return (0..<Architecture.paper.trainedCount).map { _ in Float(random.uniform(in: -1..<1)) }
  }

  /// Runs whole outer steps of two made-up gradients each.
  static func advance(_ state: TrainingState, to step: Int) {
    while state.step < step {
      for index in 0..<2 as Range<UInt64> {
        gradient(UInt64(state.step) * 2 + index).withUnsafeBufferPointer { state.fold($0) }
      }
      state.finishStep()
    }
  }

  static func settings() -> TrainingSettings {
    var settings = TrainingSettings()
    (settings.seed, settings.taskBatchSize, settings.rateScaling, settings.warmUpSteps) = (7, 2, .sqrt, 3)
    return settings
  }

  /// Stopped, written, read and continued gives the bytes of an undisturbed run.
  @Test func `a resumed training ends in the same bytes`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.safetensors").path
    let whole = try TrainingState(Self.settings())
    Self.advance(whole, to: 6)
    let half = try TrainingState(Self.settings())
    Self.advance(half, to: 3)
    try writeAtomically(half.encoded(data: "d", diverged: ["1:0"]), to: path)
    let read = try TrainingState.read(path)
    #expect(read.state.step == 3 && read.state.settings == Self.settings())
    #expect(read.data == "d" && read.diverged == ["1:0"])
    Self.advance(read.state, to: 6)
    #expect(try read.state.encoded(data: "d") == whole.encoded(data: "d"))
  }

  /// What the settings do not determine is not in the file.
  @Test func `equal states give equal bytes`() throws {
    let one = try TrainingState(Self.settings())
    let other = try TrainingState(Self.settings())
    #expect(try one.encoded(data: "d") == other.encoded(data: "d"))
    var seed = Self.settings()
    seed.seed = 8
    #expect(try TrainingState(seed).encoded(data: "d") != one.encoded(data: "d"))
    #expect(try one.encoded(data: "e") != one.encoded(data: "d"))
  }

  /// A step with no valid task counts as done and changes nothing else, Adam's time included.
  @Test func `step without a valid task`() throws {
    let state = try TrainingState(Self.settings())
    Self.advance(state, to: 2)
    let before = state.parameters.values
    state.finishStep()
    #expect(state.parameters.values == before && state.step == 3 && state.time == 2)
  }

  @Test func `discarded folds leave nothing`() throws {
    let one = try TrainingState(Self.settings())
    let other = try TrainingState(Self.settings())
    Self.gradient(99).withUnsafeBufferPointer { one.fold($0) }
    one.discardFolds()
    Self.advance(one, to: 1)
    Self.advance(other, to: 1)
    #expect(try one.encoded(data: "d") == other.encoded(data: "d"))
  }

  /// A block's sum counts as so many tasks, and the mean is over tasks.
  @Test func `blocks are weighed by their tasks`() throws {
    let one = try TrainingState(Self.settings())
    let other = try TrainingState(Self.settings())
    let gradient = Self.gradient(5)
    gradient.withUnsafeBufferPointer { values in
      one.fold(values)
      one.fold(values)
    }
    gradient.map { 2 * $0 }.withUnsafeBufferPointer { other.fold($0, tasks: 2) }
    #expect(one.finishStep() == other.finishStep())
    #expect(try one.encoded(data: "d") == other.encoded(data: "d"))
  }

  /// A setting that came later leaves the files of those who do not use it as they were.
  @Test func `a block of one is not in the file`() throws {
    let plain = try TrainingState(Self.settings()).encoded(data: "d")
    #expect(!String(decoding: plain, as: UTF8.self).contains("training.block"))
    var blocks = Self.settings()
    blocks.block = 2
    let other = try TrainingState(blocks).encoded(data: "d")
    #expect(String(decoding: other, as: UTF8.self).contains("training.block"))
  }

  /// The mean is over the valid tasks; the sum is not divided.
  @Test func reductions() throws {
    var sum = Self.settings()
    sum.algorithm = .dataset
    var mean = sum
    (sum.reduction, mean.reduction) = (.sum, .mean)
    let (a, b) = (try TrainingState(sum), try TrainingState(mean))
    let start = a.parameters.values
    Self.advance(a, to: 1)
    Self.advance(b, to: 1)
    for i in stride(from: 0, to: Architecture.paper.trainedCount, by: 1009) {
      let (whole, half) = (
        Double(a.parameters.values[i] - start[i]), Double(b.parameters.values[i] - start[i])
      )
      // Parameters of order one round at 6e-8; steps are of order 0.01.
      #expect(abs(whole - 2 * half) < 5e-7)
    }
  }

  @Test func `rates scale and warm up`() {
    let settings = Self.settings()
    #expect(settings.rates(at: 0).generator == 1e-4 * 2.0.squareRoot() / 3)
    #expect(settings.rates(at: 5).discriminator == 1e-4 * 2.0.squareRoot())
  }

  @Test func `schedule counts tasks or steps`() {
    var settings = Self.settings()
    #expect(settings.intervalWeights(at: 500) == IntervalSchedule.weights(at: 1000, evaluations: 5))
    settings.scheduleUnit = .steps
    #expect(settings.intervalWeights(at: 500) == IntervalSchedule.weights(at: 500, evaluations: 5))
  }

  /// A prediction network's weights are drawn between those of the other two and the vectors u and v: part of the bytes
  /// of every such training.
  @Test func `the order of draws is fixed`() throws {
    let both = TrainedParameters(freshFrom: 7, predicting: true)
    let alone = TrainedParameters(freshFrom: 7, predicting: false)
    let prediction = try #require(both.prediction)
    let trained = Architecture.paper.trainedCount
    #expect(alone.prediction == nil)
    #expect(both.networks.values[..<trained] == alone.networks.values[..<trained])
    #expect(both.networks.values[trained...] != alone.networks.values[trained...])
    // Scales and shifts of five batch norms are not drawn.
    let drawn = trained - 10 * 64
    var random = Philox(key: Philox.key(7, .initialisation), at: UInt64(drawn))
    let bound = 1 / 12.0  // of 144 inputs
    #expect(prediction.values("conditioning.tile1.weight")[0] == Float(random.uniform(in: -bound..<bound)))
    random = Philox(
      key: Philox.key(7, .initialisation), at: UInt64(drawn + PredictionParameters.trainedCount))
    let point = (0..<64).map { _ in random.uniform(in: -1..<1) }
    let length = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(both.networks.values("discriminator.conv1.u")[0] == Float(point[0] / length))
  }

  /// What travels and what gradients change are one sequence, the networks' part first.
  @Test func `values are what travels`() throws {
    for predicting in [false, true] {
      let parameters = TrainedParameters(freshFrom: 5, predicting: predicting)
      let values = parameters.values
      #expect(values.count == TrainedParameters.count(predicting: predicting))
      #expect(TrainedParameters(values: values, predicting: predicting).values == values)
    }
    #expect(TrainedParameters.trainedCount(predicting: false) == 116_097)
    #expect(
      TrainedParameters.trainedCount(predicting: true) == 116_097 + PredictionParameters.trainedCount)
  }

  // MARK: files

  /// A missing file, a damaged one, one of another architecture and one without a training's state are told apart; one
  /// flipped bit anywhere is noticed.
  @Test func `unusable files`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.safetensors").path
    let state = try TrainingState(Self.settings())
    let whole = try state.encoded(data: "d")
    #expect(throws: FileError.self) { try TrainingState.read(path) }
    try state.parameters.networks.write(to: path, metadata: [:])
    #expect(throws: TrainingCheckpointError.noTrainingState(file: path, missing: "sha256")) {
      try TrainingState.read(path)
    }
    var random = Philox(key: 1)
    for _ in 0..<40 {
      var bytes = whole
      bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
      try writeAtomically(bytes, to: path)
      #expect(throws: (any Error).self) { try TrainingState.read(path) }
    }
    var changed = whole
    changed[changed.count - 100] ^= 1
    try writeAtomically(changed, to: path)
    #expect(throws: TrainingCheckpointError.damaged(file: path)) { try TrainingState.read(path) }
    #expect(
      "\(TrainingCheckpointError.damaged(file: "f"))"
        == "f: its content does not have the hash that it was written with; use another checkpoint")
    try writeAtomically(whole, to: path)
    #expect(try TrainingState.read(path).state.parameters.values == state.parameters.values)
  }

  /// Every setting survives being written and read as text.
  @Test func `fields round trip`() {
    let values = [
      "algorithm": "dataset", "seed": "18446744073709551615", "task-batch-size": "64", "block": "8",
      "adaptation-steps": "50",
      "evaluation-interval": "10", "inner-generator-rate": "0.0123", "inner-discriminator-rate": "0.3",
      "inner-sum-to-one-weight": "0.25", "input-noise": "0.01", "kernel-weight": "2.5",
      "adversarial-weight": "0.5",
      "sum-to-one-weight": "0.75", "real": "lr", "generator-rate": "0.0002", "discriminator-rate": "0.0003",
      "rate-scaling": "linear", "warm-up-steps": "10", "reduction": "sum", "schedule-by": "steps",
      "kernel-noise": "0.4", "image-noise": "0.039", "gradient-bound": "123.0",
      "kernel-noise-share": "0.5", "image-noise-share": "0.25", "crop-side": "320", "scale": "4",
      "shrinking": "2.5", "conditioning-rate": "0.002", "conditioning-decay": "100", "thinning": "0.2",
      "family-share": "0.3", "jpeg-share": "0.125", "softening": "0.7",
      "start": String(repeating: "0a", count: 32),
    ]
    var settings = TrainingSettings()
    for field in TrainingSettings.fields {
      let value = values[field.name] ?? ""
      #expect(field.read(settings) != value, "\(field.name) is not at its default")
      #expect(field.write(&settings, value), "\(field.name)")
      #expect(field.read(settings) == value)
      #expect(!field.write(&settings, "nonsense"))
    }
    #expect(values.count == TrainingSettings.fields.count)
    #expect(settings.contradiction == "crop-side and scale are settings of algorithm conditioned")
    (settings.cropSide, settings.prediction.scale) = (MetaTask.cropSide, 2)
    #expect(settings.contradiction == nil)
    settings.block = 7
    #expect(settings.contradiction == "block 7 does not divide task-batch-size 64")
    (settings.block, settings.algorithm, settings.cropSide) = (64, .conditioned, 1024)
    #expect(
      settings.contradiction
        == "block 64 is too large for crop-side 1024: the pictures of a block may have 24 MB together, which are 8 tasks"
    )
    (settings.block, settings.algorithm, settings.cropSide) = (1, .dataset, MetaTask.cropSide)
    settings.loop.interval = 7
    #expect(settings.contradiction == "evaluation-interval 7 does not divide adaptation-steps 50")
  }
}
