import Conditioning
import Degradation
import KernelGAN
import Numerics

/// A task's share in the network that foresees kernels: what it foresees, how that turns out, and the gradient.
/// Workspace of one thread.
final class Conditioner {
  private let spectrum: PowerSpectrum
  private let network: ConditioningNetwork
  private var luminance: [Float] = []
  /// Of the evaluations so far, by the kernel's values and by the bounds.
  private var byKernel: [Double] = [], byBounds: [Float] = []

  /// A kernel foreseen for one task.
  struct Foreseen {
    let foresight: Foresight
    let kernel: [Double]
  }

  /// Of the bounds' losses beside the kernel's.
  private static let boundsWeight: Float = 0.1

  init(_ architecture: Architecture) throws {
    spectrum = try PowerSpectrum()
    network = try ConditioningNetwork(architecture)
  }

  /// The features of a task's LR picture.
  func features(_ pictures: LowResolution, scale: Int) -> [Float] {
    let side = pictures.side / scale
    fillLuminance(scale == 2 ? pictures.dad : pictures.son, count: side * side)
    return spectrum.sums(of: luminance, height: side, width: side)[0].features
  }

  /// The kernel that the network foresees for the task's LR picture.
  func foresee(_ task: MetaTask, _ pictures: LowResolution, _ start: NetworkState, _ loop: InnerLoop)
    -> Foreseen
  {
    let conditioning = loop.conditioning ?? .init(scale: 2, thinning: 0, shrinking: 1)
    let random = Philox(key: task.key, stream: TaskRunner.Stream.thinning.rawValue)
    let outputs = network.forward(
      features(pictures, scale: conditioning.scale), start, thinning: (conditioning.thinning, random))
    let foresight = Foresight(outputs)
    byKernel = [Double](repeating: 0, count: task.kernel.count)
    byBounds = [0, 0]
    return Foreseen(foresight: foresight, kernel: foresight.shape.kernel())
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
    network.backward(byShape + byBounds, start, gradient)
  }

  /// As the picture would be stored: clipped, and cut off to 8 bits, whose rounding is part of a spectrum.
  private func fillLuminance(_ planes: FloatBuffer, count: Int) {
    luminance = (0..<count).map { i in
      func stored(_ channel: Int) -> Float {
        (min(max(planes.pointer[channel * count + i], 0), 1) * 255).rounded(.down) / 255
      }
      return Luminance.of(stored(0), stored(1), stored(2))
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
    let features = try (0..<Self.surveyTasks).map { index in
      try runner.features(sampler.surveyTask(index), settings.taskLoop)
    }
    let count = Double(features.count)
    for i in 0..<PowerSpectrum.count {
      let mean = features.reduce(0.0) { $0 + Double($1[i]) } / count
      let variance = features.reduce(0.0) { $0 + (Double($1[i]) - mean) * (Double($1[i]) - mean) } / count
      network["conditioning.mean"][i] = Float(mean)
      network["conditioning.deviation"][i] = Float(max(variance.squareRoot(), 1e-3))
    }
  }

  private static let surveyTasks = 1000
}
