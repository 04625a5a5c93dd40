import Numerics
public import TrainingData

/// Draws the tasks of a training: each from (seed, outer step, index) alone, so that any can be drawn again anywhere.
public struct TaskSampler: Sendable {
  private let pictures: PictureSet
  private let settings: TrainingSettings

  /// Stream of a task's key that its crop and kernel are drawn from; the others are the task's own (`TaskRunner`).
  private static let stream: UInt64 = 100
  /// Stands for the outer step in the keys of the fixed held-out tasks.
  private static let heldOutStep = UInt64.max
  private static let surveyStep = UInt64.max - 1

  public init(_ pictures: PictureSet, _ settings: TrainingSettings) {
    (self.pictures, self.settings) = (pictures, settings)
  }

  /// Task `index` of outer step `step`.
  /// - Throws: `TrainingDataError` where the data file shrank.
  public func task(step: Int, index: Int) throws -> MetaTask {
    try draw(.training, Philox.key(settings.seed, .task, UInt64(step), UInt64(index)))
  }

  /// The kernel of `task(step:index:)` alone, without reading pixels.
  /// - Throws: `TrainingDataError` where the data file shrank.
  public func kernel(step: Int, index: Int) throws -> [Float] {
    var random = Philox(
      key: Philox.key(settings.seed, .task, UInt64(step), UInt64(index)), stream: Self.stream)
    _ = try pictures.draw(.training, using: &random)
    return settings.kernels.draw(using: &random).values.map(Float.init)
  }

  /// One of the tasks whose pictures' spectra stand for all, when they are first looked at.
  func surveyTask(_ index: Int) throws -> MetaTask {
    try draw(.training, Philox.key(settings.seed, .task, Self.surveyStep, UInt64(index)))
  }

  /// One of the fixed tasks from held-out pictures, which measure progress.
  public func heldOutTask(_ index: Int) throws -> MetaTask {
    try draw(.heldOut, Philox.key(settings.seed, .task, Self.heldOutStep, UInt64(index)))
  }

  private func draw(_ part: PictureSet.Part, _ key: UInt64) throws -> MetaTask {
    var random = Philox(key: key, stream: Self.stream)
    let place = try pictures.draw(part, using: &random)
    let crop = try pictures.pixels(
      place, side: pictures.side(of: place, atMost: settings.cropSide, multipleOf: 4))
    let kernel = settings.kernels.draw(using: &random).values.map(Float.init)
    let noise = drawNoise(&random)
    return MetaTask(crop: crop, kernel: kernel, imageNoise: noise, key: key)
  }

  private func drawNoise(_ random: inout Philox) -> Float {
    guard settings.imageNoise > 0 else { return 0 }
    if settings.imageNoiseShare < 1, random.uniform() >= settings.imageNoiseShare { return 0 }
    return Float(random.uniform(in: 0..<settings.imageNoise))
  }
}
