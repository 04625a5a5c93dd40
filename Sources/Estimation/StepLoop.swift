import BlurKernels
import Networks

/// The loop over the steps of an estimate, with the recording and the calls that `EstimationMethod.estimate` promises.
enum StepLoop {
  /// Makes `steps` steps.
  /// - Parameters:
  ///   - recording, onStep: as of `EstimationMethod.estimate`.
  ///   - advance: makes one step; called with its number, from 1.
  ///   - kernel: the current kernel; called with the number of steps made.
  /// - Returns: the kernels after the numbers of steps in `recording`.
  static func run(
    _ steps: Int, recording: [Int], onStep: (Int) throws(EstimationError) -> Void, advance: (Int) -> Void,
    kernel: (Int) throws(EstimationError) -> BlurKernel
  ) throws(EstimationError) -> [Int: BlurKernel] {
    var recorded: [Int: BlurKernel] = [:]
    for done in 0...steps {
      if done > 0 {
        advance(done)
        try onStep(done)
      }
      if recording.contains(done) { recorded[done] = try kernel(done) }
    }
    return recorded
  }
}

/// A training on one picture that ends in a kernel of scale 2: KernelGAN's and KernelGAN-FKP's.
protocol KernelTraining: AnyObject {
  /// Makes one iteration.
  /// - Returns: its losses before the updates.
  func advance() -> StepLosses

  /// The current kernel, 11x11.
  func kernel() throws(EstimationError) -> BlurKernel
}

extension KernelTraining {
  /// Makes `steps` iterations, with the recording and the calls that `EstimationMethod.estimate` promises.
  func estimate(
    steps: Int, recording: [Int], onStep: (Int) throws(EstimationError) -> Void
  ) throws(EstimationError) -> Estimate {
    var losses: [StepLosses] = []
    let recorded = try StepLoop.run(
      steps, recording: recording, onStep: onStep, advance: { _ in losses.append(advance()) },
      kernel: { _ throws(EstimationError) in try kernel() })
    return Estimate(kernel: try kernel(), losses: losses, recorded: recorded)
  }
}
