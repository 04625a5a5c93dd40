import BlurKernels
import Foresight
import Imaging
import Numerics

/// A task's share in training the prediction network: the predicted kernel, its judgement, and the gradient.
/// Workspace of one thread.
final class TaskPredictor {
  private let spectrum: PowerSpectrum
  private let network: PredictionNetwork
  private var luminance: [Float] = []
  private var tiles: [Float] = []  // logarithms of powers, (tiles, frequencies)
  /// The gradient of the evaluations so far, by the kernel's values and by the bounds.
  private var byKernel: [Double] = [], byBounds: [Float] = []

  /// A kernel predicted for one task.
  struct Predicted {
    let gaussian: PredictedGaussian
    let kernel: [Double]
    fileprivate let pool: TileNetwork.Pool
  }

  /// The weight of the bounds' losses beside the kernel's.
  private static let boundsWeight: Float = 0.1

  init() throws { (spectrum, network) = (try PowerSpectrum(), try PredictionNetwork()) }

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

  /// The kernel that the network predicts for the task's LR picture.
  func predict(
    _ task: MetaTask, from pictures: LowResolution, with parameters: PredictionParameters,
    settings: InnerLoop.Prediction
  ) -> Predicted {
    let random = Philox(key: task.key, stream: TaskRunner.Stream.dropout.rawValue)
    let (features, tiles) = features(pictures, scale: settings.scale)
    network.prepare(parameters)
    let pool = network.pool(tiles, count: tiles.count / PowerSpectrum.frequencies, parameters)
    let outputs = network.forward(features, pool, with: parameters, dropout: (settings.dropout, random))
    let gaussian = PredictedGaussian(outputs)
    byKernel = [Double](repeating: 0, count: task.kernel.count)
    byBounds = [0, 0]
    return Predicted(gaussian: gaussian, kernel: gaussian.shape.kernel(), pool: pool)
  }

  /// Adds an evaluation of the kernel, as adapted so far, to the predicted one's gradient. To first order the adapted
  /// kernel moves as that does.
  func judge(_ kernel: [Double], predicted: Predicted, against task: MetaTask, weight: Double) {
    let truth = task.kernel.map(Double.init)
    let loss = KernelLoss(kernel, truth: truth)
    for i in byKernel.indices { byKernel[i] += weight * loss.gradient[i] }
    let squares = zip(kernel, truth).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let bounds = predicted.gaussian.boundsBackward(
      covarianceDistance: loss.covarianceDistance, squaredDifferences: squares)
    for i in bounds.indices { byBounds[i] += Float(weight) * Self.boundsWeight * bounds[i] }
  }

  /// Adds the gradient of all that was judged, laid out as the parameters that training changes.
  func backward(
    _ predicted: Predicted, _ parameters: PredictionParameters,
    addingTo gradient: UnsafeMutablePointer<Float>
  ) {
    let byShape = predicted.gaussian.shape.backward(predicted.kernel, gradient: byKernel)
    network.backward(byShape + byBounds, predicted.pool, with: parameters, addingTo: gradient)
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
    guard let prediction = parameters.prediction else { return }
    let runner = try TaskRunner(predicting: true)
    var (pictures, tiles) = (Statistics(PowerSpectrum.count), Statistics(PowerSpectrum.frequencies))
    for index in 0..<Self.surveyTasks {
      let features = try runner.features(sampler.surveyTask(index), settings.taskLoop)
      pictures.add(features.picture)
      for tile in stride(from: 0, to: features.tiles.count, by: PowerSpectrum.frequencies) {
        tiles.add(features.tiles[tile..<tile + PowerSpectrum.frequencies])
      }
    }
    pictures.write(to: prediction, mean: "conditioning.mean", deviation: "conditioning.deviation")
    tiles.write(
      to: prediction, mean: "conditioning.tile-mean", deviation: "conditioning.tile-deviation")
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

    func write(to parameters: PredictionParameters, mean: String, deviation: String) {
      for i in sums.indices {
        let average = sums[i] / count
        parameters[mean][i] = Float(average)
        let variance = max(squares[i] / count - average * average, 0)
        parameters[deviation][i] = Float(max(variance.squareRoot(), 1e-3))
      }
    }
  }

  private static let surveyTasks = 1000
}
