import BlurKernels
public import Estimation
public import Imaging
import SuperResolution

extension Restorer {
  /// Finds the picture's kernel and enlarges the picture with it.
  ///
  /// - Parameter onProgress: called after each step and part, and many times a second in between with what it was called
  ///   with last. Throws `.cancelled` to stop.
  /// - Throws: as `kernel(of:scale:seed:onStep:)`; `SuperResolutionError` where the picture or the kernel cannot be used, or
  ///   where the result has more than `SuperResolver.maximumPixels`.
  public func restore(
    _ picture: Picture, _ request: Request,
    onProgress: (Progress) throws(EstimationError) -> Void = { _ in }
  ) throws -> RestoredPicture {
    try SuperResolver.check(picture.size.enlarged(by: request.scale), atMost: SuperResolver.maximumPixels)
    var whole: PictureMosaic?
    var rows = 0
    let facts = try restore(picture, request, onProgress: onProgress) { band, size in
      var mosaic = whole.take() ?? PictureMosaic(width: size.width, height: size.height, like: band)
      mosaic.place(band, top: rows, left: 0)
      whole = mosaic
      rows += band.height
    }
    guard let whole else { throw SuperResolutionError.cancelled }
    return RestoredPicture(picture: whole.picture, facts: facts)
  }

  /// As `restore(_:_:)`, with noise estimated, on a photograph's grid.
  public func restore(_ picture: Picture, scale: Int) throws -> RestoredPicture {
    try restore(picture, Request(scale: scale))
  }

  /// As `restore(_:_:onProgress:)`, without the enlarged picture's ever being in memory as a whole. The rows of the bands are
  /// the rows of its result, from the top down.
  ///
  /// Besides the given picture, memory takes what a thread needs for a tile (`SuperResolver`) and one or two bands, which are
  /// as wide as the picture and as high as a tile.
  ///
  /// - Parameter onBand: takes a band, upright, and the size of the whole; what it throws ends the work.
  public func restore(
    _ picture: Picture, _ request: Request,
    onProgress: (Progress) throws(EstimationError) -> Void = { _ in },
    onBand: (_ band: Picture, _ of: PictureSize) throws -> Void
  ) throws -> RestorationFacts {
    guard let enlarger else { throw RestorationError.noEnlarger }
    try SuperResolver.check(
      picture.size.enlarged(by: request.scale), atMost: SuperResolver.maximumPixelsInBands)
    let begin = ContinuousClock.now
    try onProgress(.estimating(steps: 0))
    var picture = picture
    if let background = request.background { picture = picture.flattened(on: background) }
    let found = try kernel(
      of: picture, scale: request.scale, seed: request.seed
    ) { done throws(EstimationError) in try onProgress(.estimating(steps: done)) }
    try onProgress(.enlarging(done: 0, of: 1))
    let plan = try EnlargingPlan(
      of: picture, kernel: found.kernel, standing: found.standing, scale: request.scale,
      fidelity: request.fidelity
    ) { () throws(EstimationError) in try onProgress(.enlarging(done: 0, of: 1)) }
    let level = NoiseRule.level(
      request.noise, measured: plan.level,
      kernelNoise: enlarger.kernelNoise(found.equivalentNoise, scale: request.scale))
    let kernel = request.grid.kernel(found.kernel, scale: request.scale)
    let caution = EnlargingGuard(of: picture, kernel: kernel, scale: request.scale, plan: plan)
    let work = Enlarging(
      enlarger: enlarger, picture: picture, kernel: kernel, request: request, noise: level, caution: caution)
    try work.run(onProgress: onProgress, onBand: onBand)
    return RestorationFacts(
      size: work.size, trust: caution.trust, trustNote: caution.note, kernel: found,
      noise: level, isNoiseEstimated: request.noise == .estimated, scale: request.scale,
      enlarger: enlarger.name(scale: request.scale), weights: enlarger.weights(scale: request.scale),
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }
}

/// The enlarging of one picture, once kernel and noise are known.
private struct Enlarging {
  let enlarger: SuperResolver
  let picture: Picture
  /// As the request's grid has it.
  let kernel: BlurKernel
  let request: Restorer.Request
  let noise: Double
  let caution: EnlargingGuard

  /// The enlarged picture's size, upright.
  var size: PictureSize {
    let size = picture.size.enlarged(by: request.scale)
    return picture.uprightOrder.isByColumns ? PictureSize(width: size.height, height: size.width) : size
  }

  func run(
    onProgress: (Restorer.Progress) throws(EstimationError) -> Void,
    onBand: (Picture, PictureSize) throws -> Void
  ) throws {
    var stop: (any Error)?
    var reached = Restorer.Progress.enlarging(done: 0, of: 1)
    func report() throws(EstimationError) { try onProgress(reached) }
    /// Whether to go on.
    func follow(_ body: () throws -> Void) -> Bool {
      if stop == nil { do { try body() } catch { stop = error } }
      return stop == nil
    }
    let (caution, picture, request, size) = (caution, picture, request, size)
    let result = Result { () throws(SuperResolutionError) in
      try enlarger.enlargeInBands(
        picture, kernel: kernel, scale: request.scale, noise: noise, border: request.grid.border,
        threads: request.threads, order: picture.uprightOrder,
        onIteration: { done, all in
          reached = .enlarging(done: done, of: all)
          _ = follow(report)
        },
        isCancelled: { !follow(report) },
        finishing: { part, check throws(SuperResolutionError) in
          try caution.guarded(part, check: check)
            .withAlpha(of: picture, part, scale: request.scale, grid: request.grid, check: check)
        },
        onBand: { band in follow { try onBand(band.upright(check: report), size) } })
    }
    // What stopped the enlarging is told, rather than that it was stopped.
    if let stop { throw stop }
    try result.get()
  }
}
