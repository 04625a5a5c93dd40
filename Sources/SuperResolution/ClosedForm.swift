import BlurKernels

/// The data step alone: Tikhonov regularisation towards the picture enlarged by cubic convolution.
struct ClosedForm: EnlargingNetwork {
  let name = "closed form"
  let weights: SuperResolver.WeightsFile? = nil
  let toleratesWrongKernels = false

  func tileRule(scale: Int) -> TileRule { TileRule() }

  func enlarge(
    _ picture: Planes, _ task: EnlargingTask, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes {
    let data = try DataStep(picture, kernel: task.kernel, scale: task.scale)
    let large = AlignedCubic(task.kernel, scale: task.scale).enlarge(picture)
    try data.run(large, alpha: Self.weight(noise: task.noise), check: check)
    onIteration(1, 1)
    return large
  }

  /// How strongly the closed form holds to the cubic picture: the variance of noise and rounding over that of what cubic
  /// pictures lack, 20 levels squared. (Set14 x2 with true kernels has 30.5 dB so, the best of factors of three apart;
  /// the cubic pictures alone 26.8, USRNet-tiny 32.6.)
  private static func weight(noise: Double) -> Float {
    Float((noise * noise + 1.0 / 12) / 400)
  }
}
