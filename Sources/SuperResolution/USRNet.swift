/// USRNet-tiny (Zhang, Van Gool, Timofte, "Deep unfolding network for image super-resolution", CVPR 2020).
struct USRNet: EnlargingNetwork {
  let name = "USRNet-tiny"
  let weights: SuperResolver.WeightsFile?
  let toleratesWrongKernels = false
  private let parameters: USRNetWeights

  /// - Throws: `SuperResolutionError.weights` or `.otherNetwork`.
  init(path: String) throws(SuperResolutionError) {
    parameters = try USRNetWeights(path: path)
    weights = .init(path: path, sha256: parameters.sha256)
  }

  func tileRule(scale: Int) -> TileRule { TileRule() }

  /// Iterates from the picture enlarged by repeating its pixels.
  func enlarge(
    _ picture: Planes, _ task: EnlargingTask, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes {
    let data = try DataStep(picture, kernel: task.kernel, scale: task.scale)
    let large = picture.repeated(task.scale)
    let prior = try ResUNet(parameters, width: large.width, height: large.height)
    let steps = parameters.hyperParameters.values(noise: task.noise / 255, scale: task.scale)
    for (index, (alpha, beta)) in steps.enumerated() {
      try data.run(large, alpha: alpha, check: check)
      try prior.run(large, noise: beta, check: check)
      onIteration(index + 1, steps.count)
    }
    return large
  }
}
