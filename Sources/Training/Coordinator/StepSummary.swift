import MetaLearning
import Networks

/// What tasks come to on average, for people to look at: the losses of their last evaluations, and kernel PSNR in dB before
/// and after adaptation.
public struct TaskMeans: Equatable, Sendable {
  public var kernelLoss = 0.0, generatorLoss = 0.0, discriminatorLoss = 0.0
  public var psnrBefore = 0.0, psnrAfter = 0.0

  public init() {}

  /// Adds the values, for sums.
  mutating func add(_ other: TaskMeans) {
    kernelLoss += other.kernelLoss
    generatorLoss += other.generatorLoss
    discriminatorLoss += other.discriminatorLoss
    psnrBefore += other.psnrBefore
    psnrAfter += other.psnrAfter
  }

  /// A sum divided by how many are in it.
  func divided(by count: Int) -> TaskMeans {
    var means = self
    let count = Double(max(count, 1))
    for path: WritableKeyPath<TaskMeans, Double> in [
      \.kernelLoss, \.generatorLoss, \.discriminatorLoss, \.psnrBefore, \.psnrAfter,
    ] {
      means[keyPath: path] /= count
    }
    return means
  }
}

/// The tasks of one or more outer steps.
package struct StepSummary: Equatable, Sendable {
  package private(set) var tasks = 0
  private var sums = TaskMeans()
  /// L2 norms of the last outer step's gradients.
  package var generatorNorm = 0.0, discriminatorNorm = 0.0
  private var squares = PerNetwork(repeating: 0.0)
  /// As it was known when the last of them ended.
  package var noise = GradientNoise()

  package init() {}

  /// Nothing where the task was not evaluated.
  package mutating func add(_ figures: TaskFigures, _ weights: MetaLossWeights) {
    guard let last = figures.metaLosses.last else { return }
    tasks += 1
    var task = TaskMeans()
    (task.kernelLoss, task.generatorLoss) = (Double(last.kernel), Double(last.generator(weights)))
    task.discriminatorLoss = Double(last.discriminator)
    (task.psnrBefore, task.psnrAfter) = (Double(figures.psnrBefore), Double(figures.psnrAfter))
    sums.add(task)
    squares.merge(figures.norms) { $0 += Double($1) * Double($1) }
  }

  /// Means of the squared norms of the tasks' gradients.
  package var meanSquares: PerNetwork<Double> { squares.map { $0 / Double(max(tasks, 1)) } }

  package mutating func add(_ other: StepSummary) {
    tasks += other.tasks
    sums.add(other.sums)
    squares.merge(other.squares) { $0 += $1 }
    noise = other.noise
    (generatorNorm, discriminatorNorm) = (other.generatorNorm, other.discriminatorNorm)
  }

  package var means: TaskMeans { sums.divided(by: tasks) }
}
