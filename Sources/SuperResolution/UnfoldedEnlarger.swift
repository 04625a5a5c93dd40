/// The project's own enlarger: two unfolded iterations of USRNet's data step and a convolutional network that works on the
/// given picture's grid, where a pixel costs the same at every scale (the
/// definition is in docs/model-card.md, training in scripts/train_enlarger.py).
struct UnfoldedEnlarger: EnlargingNetwork {
  let name = "enlarger"
  let weights: SuperResolver.WeightsFile?
  /// On twelve held-out photographs at scale 2, level 0 is best with the plain Gaussian of a kernel with multiplicative noise
  /// (30.80 dB; level 1 30.78, 3 30.30) and with variances 15 % off (31.18; 31.05, 30.32).
  let toleratesWrongKernels = true
  private let parameters: EnlargerWeights

  /// - Throws: `SuperResolutionError.weights` or `.otherNetwork`.
  init(path: String, scale: Int) throws(SuperResolutionError) {
    parameters = try EnlargerWeights(path: path, scale: scale)
    weights = .init(path: path, sha256: parameters.sha256)
  }

  /// About 300 MB a tile. At scale 2, 12 megapixels of 4:3 become 20 tiles, of which 12 % are frame and margin.
  func tileRule(scale: Int) -> TileRule {
    TileRule(pixels: scale * scale * (scale == 2 ? 700_000 : 360_000), margin: 16)
  }

  func enlarge(
    _ picture: Planes, _ task: EnlargingTask, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes {
    let noise = task.noise / 255
    let data = try DataStep(picture, kernel: task.kernel, scale: task.scale)
    let grid = TrainingGrid(task.kernel, scale: task.scale)
    let large = grid.enlarge(picture)
    let network = try EnlargerNetwork(picture, noise: noise, scale: task.scale)
    let steps = EnlargerNetwork.stepsPerStage
    for (index, stage) in parameters.stages.enumerated() {
      try data.run(large, alpha: Float(stage.alpha.value(noise: noise)), check: check)
      var done = steps * index
      try network.run(stage, on: large, offset: grid.offset, check: check) {
        done += 1
        onIteration(done, steps * parameters.stages.count)
      }
    }
    return large
  }
}
