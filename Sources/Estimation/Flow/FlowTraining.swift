import BlurKernels
import Layers
import Numerics

/// Trains a kernel flow on random Gaussian kernels (FKP, section 3). Every batch draws new kernels; pictures are not
/// needed.
public struct FlowTraining: Sendable {
  /// The choices of a training.
  public struct Settings: Sendable, Equatable {
    /// 2 or 4.
    public var scale: Int
    /// Epochs of 50,000 kernels.
    public var epochs: Int
    /// The seed of weights and kernels. Equal settings give equal bytes on every machine.
    public var seed: UInt64

    public init(scale: Int, epochs: Int = 100, seed: UInt64 = 0) {
      (self.scale, self.epochs, self.seed) = (scale, epochs, seed)
    }
  }

  /// Batches in an epoch, of 100 kernels each.
  public static let batchesPerEpoch = 500
  private static let batch = 100, rate = 1e-4, weightDecay = 1e-6

  public let settings: Settings
  /// The number of updates made, one for each batch.
  public private(set) var updates = 0
  /// The flow as trained so far.
  public private(set) var model: KernelFlow
  private var adam: DoubleAdam

  /// Initialises the flow by the seed.
  public init(_ settings: Settings) {
    self.settings = settings
    let side = KernelFlow.side(settings.scale)
    model = KernelFlow(
      scale: settings.scale,
      flow: CouplingFlow(
        features: side * side, hidden: KernelFlow.hidden(settings.scale), freshFrom: settings.seed))
    adam = DoubleAdam(count: model.flow.parameters.count, weightDecay: Self.weightDecay)
  }

  /// Whether all epochs are done.
  public var isDone: Bool { updates >= settings.epochs * Self.batchesPerEpoch }

  /// Makes one update.
  /// - Returns: the mean negative log-likelihood of its batch before the update, in nats for each kernel.
  public mutating func advance() -> Double {
    let scale = settings.scale
    var random = Philox(key: Philox.key(settings.seed, .task, UInt64(updates)))
    let batch = model.columns(count: Self.batch, random: &random) {
      KernelFlow.draw(scale: scale, using: &$0)
    }
    let (loss, gradient) = model.flow.trainingLoss(batch)
    adam.update(&model.flow.parameters, gradient, rate: learningRate)
    updates += 1
    return loss
  }

  /// The rate is halved after 40, 50, ... 90 % of the batches.
  private var learningRate: Double {
    let share = updates * 10 / (settings.epochs * Self.batchesPerEpoch)
    return (4...9).reduce(Self.rate) { rate, drop in share >= drop ? rate / 2 : rate }
  }
}

extension KernelFlow {
  /// A batch of inputs of the flow, for kernels that `draw` makes.
  func columns(count: Int, random: inout Philox, _ draw: (inout Philox) -> BlurKernel) -> Columns {
    var batch = Columns(rows: side * side, count: count)
    for sample in 0..<count {
      let kernel = draw(&random)
      for (row, value) in logits(of: kernel, noise: { random.uniform() }).enumerated() {
        batch[row, sample] = value
      }
    }
    return batch
  }

  /// The mean negative log-likelihood, in nats, of a grid of kernels: variances in steps of 0.3 square pixels, angles
  /// in steps of 0.2 radians.
  public func gridLoss() -> Double {
    let range = Self.variances(scale)
    let variances = Array(stride(from: range.lowerBound, through: range.upperBound, by: 0.3))
    var random = Philox(key: 0)
    var (total, count) = (0.0, 0)
    for theta in stride(from: 0, to: Double.pi, by: 0.2) {
      for lambda1 in variances {
        var rest = variances.makeIterator()
        let batch = columns(count: variances.count, random: &random) { _ in
          Self.gaussian(scale: scale, Shape(lambda1: lambda1, lambda2: rest.next() ?? lambda1, theta: theta))
        }
        total += flow.forward(batch).negativeLogLikelihoods.reduce(0, +)
        count += batch.count
      }
    }
    return total / Double(count)
  }

  /// How well latent vectors on the sphere represent kernels that training did not see, in dB: the mean over `count`
  /// random kernels of the best kernel PSNR that `steps` steps of gradient descent reach, from the kernel's projected
  /// latent vector.
  /// - Throws: never; `BlurKernel.psnr` throws for kernels of different sides.
  public func fitPSNR(count: Int, steps: Int = 400) throws -> Double {
    var random = Philox(key: Philox.key(0, .canary))
    var total = 0.0
    for _ in 0..<count {
      let kernel = Self.draw(scale: scale, using: &random)
      var latent = SphericalLatent(self, values: latent(of: kernel))
      latent.project()
      var best = -Double.infinity
      for _ in 0..<steps {
        let decoded = decode(latent.values)
        best = max(best, try BlurKernel(side: side, values: decoded.values).psnr(against: kernel))
        latent.step(
          latentGradient(decoded, zip(decoded.values, kernel.values).map { 2 * ($0 - $1) }), rate: 0.02)
      }
      total += best
    }
    return total / Double(count)
  }
}
