import Imaging
import Restoration
import SuperResolution

/// The work of `super-resolve` on one picture.
struct EnlargingWork: Sendable {
  let command: SuperResolveCommand
  let place: ResultPlace
  let restorer: Restorer
  /// What is counted for progress, of estimating and of enlarging each.
  let units: Int
  /// Tiles at a time.
  let threads: Int

  init(command: SuperResolveCommand, place: ResultPlace, restorer: Restorer, threads: Int) {
    (self.command, self.place, self.restorer, self.threads) = (command, place, restorer, threads)
    units = max(restorer.method?.steps ?? 0, 100)
  }

  func run(
    _ listed: ListedPicture, _ progress: Progress
  ) throws -> PictureRun<SuperResolutionReport>.Writing {
    let picture = try Picture.read(listed.path, atMost: Picture.maximumPixelsInParts)
    let paths = SuperResolutionReport.Paths(
      picture: listed.path, result: place.result(listed),
      contactSheet: command.contactSheet ? place.sheet(listed) : nil, kernel: command.kernel)
    try refuse(paths, of: picture.size.enlarged(by: command.scale))
    let result = BandedResult(of: picture, as: place.format, at: paths)
    let facts = try restorer.restore(picture, request, onProgress: shown(on: progress)) { band, size in
      try result.append(band, of: size)
    }
    try result.finish(facts)
    return {
      try result.commit()
      return SuperResolutionReport(facts, of: picture, paths)
    }
  }

  /// Refuses results that cannot be written, before they cost minutes.
  /// - Parameter size: of the result; its sides may change places yet, which no limit minds.
  private func refuse(_ paths: SuperResolutionReport.Paths, of size: PictureSize) throws {
    try place.format.format.check(size, name: paths.result)
    guard let sheet = paths.contactSheet, size.pixels > SuperResolver.maximumPixels else { return }
    let most = SuperResolver.maximumPixels / 1_000_000
    throw PictureError.notEncoded(
      name: sheet, format: "PNG",
      reason: "it holds the whole result, of \(most) megapixels at most; leave --contact-sheet away")
  }

  private var request: Restorer.Request {
    var request = Restorer.Request(scale: command.scale)
    (request.noise, request.seed) = (command.noise, command.estimation.seed)
    request.fidelity = command.fidelity
    request.grid = command.benchmark ? .benchmark : .photograph
    request.background = command.background
    request.threads = threads
    return request
  }

  private func shown(on progress: Progress) -> (Restorer.Progress) -> Void {
    var shown = 0
    return { stage in
      let done =
        switch stage {
        case .estimating(let steps): steps
        case .enlarging(let done, let all): units + units * done / all
        }
      progress.advance(by: done - shown)
      shown = done
    }
  }
}

/// One picture's result, written band by band, and its contact sheet, which needs the whole.
private final class BandedResult {
  private let format: ResultFormat
  private let paths: SuperResolutionReport.Paths
  private let picture: Picture
  private var writer: PictureWriter?
  /// For the sheet.
  private var whole: PictureMosaic?
  private var sheet: ResultFormat.File?
  private var rows = 0

  init(of picture: Picture, as format: ResultFormat, at paths: SuperResolutionReport.Paths) {
    (self.format, self.paths, self.picture) = (format, paths, picture)
  }

  func append(_ band: Picture, of size: PictureSize) throws {
    let writer = try writer ?? format.writer(to: paths.result, size: size)
    self.writer = writer
    try writer.append(band)
    if paths.contactSheet != nil {
      var mosaic = whole.take() ?? PictureMosaic(width: size.width, height: size.height, like: band)
      mosaic.place(band, top: rows, left: 0)
      whole = mosaic
    }
    rows += band.height
  }

  /// Encodes what is left, so that an interrupt waits for writing alone.
  func finish(_ facts: RestorationFacts) throws {
    try writer?.finish()
    guard let path = paths.contactSheet, let result = whole?.picture else { return }
    whole = nil
    let picture = ContactSheet.picture(
      of: picture, kernel: facts.kernel.kernel, result: result, scale: facts.scale)
    sheet = try ResultFormat.File(picture, as: ResultFormat(.png), path: path)
  }

  func commit() throws {
    try writer?.commit()
    try sheet?.write()
  }
}
