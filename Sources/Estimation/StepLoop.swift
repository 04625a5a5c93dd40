import BlurKernels

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
