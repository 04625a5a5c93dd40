import BlurKernels
import Foresight
import Imaging
import Networks
import Numerics

/// A task's share in the network that foresees kernels: what it foresees, how that turns out, and the gradient.
/// Workspace of one thread.
final class Conditioner {
  private let spectrum: PowerSpectrum
  private let network: ConditioningNetwork
  private var luminance: [Float] = []
  private var tiles: [Float] = []  // logarithms of powers, (tiles, frequencies)
  /// Of the evaluations so far, by the kernel's values and by the bounds.
  private var byKernel: [Double] = [], byBounds: [Float] = []

  /// A kernel foreseen for one task.
  struct Foreseen {
    let foresight: PredictedGaussian
    let kernel: [Double]
    fileprivate let pool: TileNetwork.Pool
  }

  /// Of the bounds' losses beside the kernel's.
  private static let boundsWeight: Float = 0.1

  init(_ architecture: Architecture) throws {
    spectrum = try PowerSpectrum()
    network = try ConditioningNetwork(architecture)
  }

  /// The features of a task's LR picture, and its tiles' logarithms of power, (tiles, frequencies).
  func features(_ pictures: LowResolution, scale: Int) -> (picture: [Float], tiles: [Float]) {
    let side = pictures.side / scale
    fillLuminance(scale == 2 ? pictures.dad : pictures.son, count: side * side)
    tiles.removeAll(keepingCapacity: true)
    let sum = spectrum.sums(of: luminance, height: side, width: side) { _, _, logarithms in
      tiles += UnsafeBufferPointer(start: logarithms, count: PowerSpectrum.frequencies)
    }
    return (sum[0].features, tiles)
  }

  /// The kernel that the network foresees for the task's LR picture.
  func foresee(_ task: MetaTask, _ pictures: LowResolution, _ start: NetworkState, _ loop: InnerLoop)
    -> Foreseen
  {
    let conditioning = loop.conditioning ?? .init(scale: 2, thinning: 0, shrinking: 1)
    let random = Philox(key: task.key, stream: TaskRunner.Stream.thinning.rawValue)
    let (features, tiles) = features(pictures, scale: conditioning.scale)
    network.prepare(start)
    let pool = network.pool(tiles, count: tiles.count / PowerSpectrum.frequencies, start)
    let outputs = network.forward(features, pool, start, thinning: (conditioning.thinning, random))
    let foresight = PredictedGaussian(outputs)
    byKernel = [Double](repeating: 0, count: task.kernel.count)
    byBounds = [0, 0]
    return Foreseen(foresight: foresight, kernel: foresight.shape.kernel(), pool: pool)
  }

  /// Adds what an evaluation of the kernel, as adapted so far, says about the foreseen one. To first order the adapted
  /// kernel moves as that does.
  func judge(_ kernel: [Double], _ foreseen: Foreseen, _ task: MetaTask, weight: Double) {
    let truth = task.kernel.map(Double.init)
    let loss = KernelLoss(kernel, truth: truth)
    for i in byKernel.indices { byKernel[i] += weight * loss.gradient[i] }
    let squares = zip(kernel, truth).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let bounds = foreseen.foresight.boundsBackward(
      covarianceDistance: loss.covarianceDistance, squaredDifferences: squares)
    for i in bounds.indices { byBounds[i] += Float(weight) * Self.boundsWeight * bounds[i] }
  }

  /// Adds the gradient of all that was judged, laid out as a state.
  func backward(_ foreseen: Foreseen, _ start: NetworkState, _ gradient: UnsafeMutablePointer<Float>) {
    let byShape = foreseen.foresight.shape.backward(foreseen.kernel, gradient: byKernel)
    network.backward(byShape + byBounds, foreseen.pool, start, gradient)
  }

  /// As the picture would be stored: clipped, and cut off to 8 bits, whose rounding is part of a spectrum.
  private func fillLuminance(_ planes: FloatBuffer, count: Int) {
    func stored(_ value: Float) -> Float { Float(Int32(min(max(value, 0), 1) * 255)) / 255 }
    let planes = planes.pointer
    luminance = [Float](unsafeUninitializedCapacity: count) { target, filled in
      for i in 0..<count {
        target[i] = Luminance.of(
          stored(planes[i]), stored(planes[count + i]), stored(planes[2 * count + i]))
      }
      filled = count
    }
  }
}

extension TrainingState {
  /// Takes the mean and deviation of the spectra of the training's own pictures, by which features are standardised.
  /// Part of a fresh start.
  /// - Throws: `TrainingDataError` where the data file shrank.
  public func survey(_ sampler: TaskSampler) throws {
    guard settings.architecture.isConditioned else { return }
    let runner = try TaskRunner(settings.architecture)
    var (pictures, tiles) = (Statistics(PowerSpectrum.count), Statistics(PowerSpectrum.frequencies))
    for index in 0..<Self.surveyTasks {
      let features = try runner.features(sampler.surveyTask(index), settings.taskLoop)
      pictures.add(features.picture)
      for tile in stride(from: 0, to: features.tiles.count, by: PowerSpectrum.frequencies) {
        tiles.add(features.tiles[tile..<tile + PowerSpectrum.frequencies])
      }
    }
    pictures.write("conditioning.mean", "conditioning.deviation", network)
    tiles.write("conditioning.tile-mean", "conditioning.tile-deviation", network)
  }

  /// Means and deviations of vectors.
  private struct Statistics {
    private var count = 0.0
    private var sums: [Double], squares: [Double]

    init(_ length: Int) {
      (sums, squares) = ([Double](repeating: 0, count: length), [Double](repeating: 0, count: length))
    }

    mutating func add(_ values: some Collection<Float>) {
      count += 1
      for (i, value) in values.enumerated() {
        sums[i] += Double(value)
        squares[i] += Double(value) * Double(value)
      }
    }

    func write(_ mean: String, _ deviation: String, _ network: NetworkState) {
      for i in sums.indices {
        let average = sums[i] / count
        network[mean][i] = Float(average)
        let variance = max(squares[i] / count - average * average, 0)
        network[deviation][i] = Float(max(variance.squareRoot(), 1e-3))
      }
    }
  }

  private static let surveyTasks = 1000
}
