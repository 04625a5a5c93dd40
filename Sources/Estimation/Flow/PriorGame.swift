import BlurKernels
import Imaging
import Layers
import Networks
import Numerics

/// The state of KernelGAN-FKP on one picture: a latent vector of the kernel flow takes the place of a generator
/// network, and a critic distinguishes the picture reduced by the kernel from the picture itself.
final class PriorGame: KernelTraining {
  /// Updates of the critic, then of the latent vector, in one iteration.
  static let turns = 3
  private static let latentRate = 5e-4, criticRate = 5e-4, beta1 = 0.5, penaltyWeight = 0.1

  private let flow: KernelFlow
  private var latent: SphericalLatent
  private let critic: PatchCritic
  private let adam = Adam(beta1: PriorGame.beta1)
  private let first: FloatBuffer, second: FloatBuffer
  private let pairs: PriorPairs
  private let key: UInt64
  /// (batch, 3, side, side): reduced regions, mixtures of real and reduced ones, and gradients by either.
  private let fake: FloatBuffer, mixed: FloatBuffer, slope: FloatBuffer
  private var done = 0

  /// - Parameter check: called for each of the picture's rows; what it throws ends the work.
  /// - Throws: `EstimationError.numerics` on a processor without AVX2.
  init(
    _ picture: Picture, _ flow: KernelFlow, seed: UInt64, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    key = MethodDraws.kernelGANFKP.key(seed: seed)
    self.flow = flow
    pairs = try PriorPairs(picture, key: key, check: check)
    do {
      latent = try SphericalLatent(flow, key: Philox.key(key, .initialisation, 1), beta1: Self.beta1)
      critic = try PatchCritic(
        samples: PriorPairs.batch, side: PriorPairs.patchSide, key: Philox.key(key, .task))
    } catch { throw .numerics("\(error)") }
    (first, second) = (FloatBuffer(critic.parameters.count), FloatBuffer(critic.parameters.count))
    fake = FloatBuffer(pairs.real.count)
    mixed = FloatBuffer(pairs.real.count)
    slope = FloatBuffer(pairs.real.count)
  }

  /// Makes one iteration, on crops of its own.
  /// - Returns: the losses before its last updates.
  func advance() -> StepLosses {
    pairs.draw(done)
    var losses = StepLosses.zero
    var decoded = flow.decode(latent.values)
    pairs.reduce(decoded.values, into: fake)
    for turn in 0..<Self.turns { losses.discriminator = Float(updateCritic(turn)) }
    for turn in 0..<Self.turns {
      if turn > 0 {
        decoded = flow.decode(latent.values)
        pairs.reduce(decoded.values, into: fake)
      }
      losses.adversarial = Float(updateLatent(decoded))
    }
    losses.sumToOne = Float(abs(1 - decoded.values.reduce(0, +)))
    done += 1
    return losses
  }

  /// Makes one update of the critic, which lowers mean D(fake) - mean D(real) + the penalty at random mixtures of both.
  /// - Returns: that loss, before the update.
  private func updateCritic(_ turn: Int) -> Double {
    critic.gradient.clear()
    let size = slope.count / PriorPairs.batch
    for sample in 0..<PriorPairs.batch {
      let share = pairs.share(update: done * Self.turns + turn, sample: sample)
      for i in sample * size..<(sample + 1) * size {
        mixed.pointer[i] = share * pairs.real.pointer[i] + (1 - share) * fake.pointer[i]
      }
    }
    let penalty = critic.addPenalty(mixed, weight: Self.penaltyWeight, direction: slope)
    let factor = 1 / Float(PriorPairs.batch * critic.outputs)
    let real = critic.forward(pairs.real)
    critic.backward(factor: -factor, adding: true, patches: nil)
    let other = critic.forward(fake)
    critic.backward(factor: factor, adding: true, patches: nil)
    adam.update(
      critic.parameters.pointer, first: first.pointer, second: second.pointer,
      gradient: critic.gradient.pointer,
      count: critic.parameters.count, rate: Self.criticRate, time: done * Self.turns + turn + 1,
      unit: pairs.unit)
    critic.prepare()
    return (other - real) * Double(factor) + penalty
  }

  /// Makes one update of the latent vector, which lowers -mean D(fake).
  /// - Returns: that loss, before the update.
  private func updateLatent(_ decoded: KernelFlow.Decoded) -> Double {
    let factor = 1 / Float(PriorPairs.batch * critic.outputs)
    let loss = -critic.forward(fake) * Double(factor)
    critic.backward(factor: -factor, adding: false, patches: slope)
    latent.step(flow.latentGradient(decoded, pairs.kernelGradient(slope)), rate: Self.latentRate)
    return loss
  }

  /// The current kernel, 11x11.
  /// - Throws: `EstimationError.notFinite` where the latent vector is not finite.
  func kernel() throws(EstimationError) -> BlurKernel {
    let values = flow.decode(latent.values).values
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(steps: done) }
    return BlurKernel(side: flow.side, values: values)
  }
}
