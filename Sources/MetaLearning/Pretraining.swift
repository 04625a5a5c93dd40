public import KernelGAN
import Numerics

/// The data set baseline, DSKernelGAN (paper, section 4.1): the meta-objective at the parameters themselves, without an
/// inner loop, descended by SGD with the inner loop's rates.
public final class Pretraining {
  public let network: NetworkState
  public let loop: InnerLoop
  private let runner: TaskRunner
  private let unit: VectorUnit

  /// - Throws: `NumericsError` on a processor without AVX2.
  public init(_ network: NetworkState, _ loop: InnerLoop = .paper) throws {
    (self.network, self.loop) = (network, loop)
    runner = try TaskRunner(network.architecture)
    unit = try VectorUnit.current()
  }

  /// One descent on one task; returns its losses before.
  public func step(_ task: MetaTask) -> MetaLosses {
    let outcome = runner.runWithoutAdaptation(task, from: network, loop)
    let generator = network.architecture.generatorCount
    for i in 0..<network.architecture.adaptedCount {
      let rate = i < generator ? loop.step.generatorRate : loop.step.discriminatorRate
      network.buffer.pointer[i] -= Float(rate) * outcome.gradient[i]
    }
    network.advanceSpectralVectors(unit)
    return outcome.metaLosses[0]
  }
}
