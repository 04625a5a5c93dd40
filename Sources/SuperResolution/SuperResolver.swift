public import BlurKernels
import Checkpoints
public import Imaging

/// Enlarges pictures whose blur kernel is known: with the project's own enlarger, with USRNet-tiny, or by the closed form of
/// their data step alone, which is Tikhonov regularisation towards the picture enlarged by cubic convolution.
///
/// May be used from several threads at once. A result depends on picture, kernel, scale, noise level, border and weights
/// alone, not on the number of threads. Large pictures are worked on in tiles. A tile takes at most 300 MB with the
/// enlarger and 700 MB with USRNet-tiny, besides the given picture and the enlarged one or, where that is handed on in
/// bands, one or two bands of tiles.
public struct SuperResolver: Sendable {
  /// Enlarged pictures may have so many pixels where they are given back whole.
  public static let maximumPixels = 400_000_000
  /// And so many where they are handed on band by band.
  public static let maximumPixelsInBands = 1_000_000_000

  /// A rectangle of an enlarged picture.
  package struct Part: Sendable {
    package let picture: Picture
    /// Where the part lies in the enlarged picture.
    package let rows: Range<Int>, columns: Range<Int>

    package init(_ picture: Picture, rows: Range<Int>, columns: Range<Int>) {
      (self.picture, self.rows, self.columns) = (picture, rows, columns)
    }
  }

  /// The last thing that is done to a part, on the thread that enlarged it. The result has the part's size and depth.
  package typealias Finishing =
    @Sendable (_ part: Part, _ check: () throws(SuperResolutionError) -> Void) throws(SuperResolutionError)
    -> Picture

  /// What lies beyond the picture.
  public enum Border: Sendable {
    /// The picture again, as the benchmark's pictures were blurred.
    case repeating
    /// Something unknown, as with photographs.
    case continued
  }

  /// A file that a network was read from.
  public struct WeightsFile: Sendable, Equatable {
    public let path: String
    /// 64 hexadecimal digits.
    public let sha256: String
  }

  private let networks: [Int: any EnlargingNetwork]
  /// For a scale that the file of weights was not made for.
  private let onlyScale: Int?
  private let tilePixels: Int?

  /// - Parameter choice: the shipped weights by default.
  /// - Throws: `SuperResolutionError.weights`, `.otherNetwork` or `.shippedWeights` where a file cannot be used.
  public init(weights choice: EnlargerChoice = .shipped) throws(SuperResolutionError) {
    try self.init(weights: choice, tilePixels: nil)
  }

  /// - Parameter tilePixels: what is enlarged in one go; nil for the network's own rule.
  package init(weights choice: EnlargerChoice, tilePixels: Int?) throws(SuperResolutionError) {
    self.tilePixels = tilePixels
    switch choice {
    case .closedForm: (networks, onlyScale) = (Self.atAllScales(ClosedForm()), nil)
    case .shipped: (networks, onlyScale) = (try Self.shipped(), nil)
    case .file(let path):
      guard let scale = (try? SafeTensors(path: path)).flatMap(EnlargerWeights.scale) else {
        (networks, onlyScale) = (Self.atAllScales(try USRNet(path: path)), nil)
        return
      }
      (networks, onlyScale) = ([scale: try UnfoldedEnlarger(path: path, scale: scale)], scale)
    }
  }

  private static func atAllScales(_ network: any EnlargingNetwork) -> [Int: any EnlargingNetwork] {
    [2: network, 3: network, 4: network]
  }

  private static func shipped() throws(SuperResolutionError) -> [Int: any EnlargingNetwork] {
    var networks = atAllScales(ClosedForm())
    for scale in ShippedEnlarger.scales {
      guard let path = ShippedEnlarger.path(scale: scale) else { throw .shippedWeights(scale: scale) }
      networks[scale] = try UnfoldedEnlarger(path: path, scale: scale)
    }
    return networks
  }

  /// `enlarger`, `USRNet-tiny` or `closed form`: what enlarges by 2, or by the only scale there is.
  public var name: String { name(scale: onlyScale ?? 2) }

  /// What enlarges by a scale; the enlarger's shipped weights leave scale 3 to the closed form.
  public func name(scale: Int) -> String { networks[scale]?.name ?? "nothing" }

  /// The file that enlarges by a scale; nil for the closed form.
  public func weights(scale: Int) -> WeightsFile? { networks[scale]?.weights }

  /// The noise level to give for a kernel's uncertainty, from the level that USRNet-tiny should be given: the same, or 0 where
  /// the network bears wrong kernels better than a level that is too high.
  public func kernelNoise(_ level: Double, scale: Int) -> Double {
    toleratesWrongKernels(scale: scale) ? 0 : level
  }

  package func toleratesWrongKernels(scale: Int) -> Bool { networks[scale]?.toleratesWrongKernels == true }

  /// SHA-256 of the file of weights; of several, in the scales' order, joined by `+`. Nil for the closed form.
  public var sha256: String? {
    var hashes: [String] = []
    for scale in networks.keys.sorted() {
      if let hash = weights(scale: scale)?.sha256, !hashes.contains(hash) { hashes.append(hash) }
    }
    return hashes.isEmpty ? nil : hashes.joined(separator: "+")
  }

  /// - Parameters:
  ///   - picture: any size and depth.
  ///   - kernel: a cross-correlation kernel of any size; turned by 180 degrees in here for USRNet's convolution.
  ///   - scale: 2, 3 or 4.
  ///   - noise: the picture's noise, as a standard deviation in 8-bit levels, 0...255.
  ///   - border: what lies beyond the picture.
  ///   - threads: how many tiles are worked on at a time; one tile takes one thread.
  ///   - onIteration: called on the caller's thread with the number of parts done and that of all.
  ///   - isCancelled: looked at on the caller's thread many times a second. Where it is true, the work ends within a
  ///     fraction of a second.
  /// - Returns: the enlarged picture, of the depth, profile and orientation that the picture has.
  /// - Throws: `SuperResolutionError`, `.cancelled` among them.
  public func enlarge(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double, border: Border = .repeating,
    threads: Int = 1, onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws(SuperResolutionError) -> Picture {
    let task = EnlargingTask(kernel: kernel, scale: scale, noise: noise)
    _ = try network(for: picture, task, atMost: Self.maximumPixels)
    var whole: PictureMosaic?
    var rows = 0
    try enlargeInBands(
      picture, kernel: kernel, scale: scale, noise: noise, border: border, threads: threads,
      order: (isByColumns: false, isReversed: false), onIteration: onIteration, isCancelled: isCancelled
    ) { band in
      var mosaic =
        whole.take() ?? PictureMosaic(width: band.width, height: scale * picture.height, like: band)
      mosaic.place(band, top: rows, left: 0)
      whole = mosaic
      rows += band.height
      return true
    }
    // Every picture has a band.
    guard let whole else { throw .cancelled }
    return whole.picture
  }

  /// As `enlarge`, without the enlarged picture's ever being there as a whole: it is handed on in bands.
  ///
  /// - Parameters:
  ///   - order: whether bands are rows of tiles or columns of them, and whether the last comes first.
  ///   - finishing: applied to each tile.
  ///   - onBand: called on the caller's thread; false to stop.
  package func enlargeInBands(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double, border: Border, threads: Int,
    order: (isByColumns: Bool, isReversed: Bool), onIteration: (_ done: Int, _ of: Int) -> Void,
    isCancelled: () -> Bool, finishing: @escaping Finishing = { part, _ in part.picture },
    onBand: (Picture) -> Bool
  ) throws(SuperResolutionError) {
    let task = EnlargingTask(kernel: kernel, scale: scale, noise: noise)
    let network = try network(for: picture, task, atMost: Self.maximumPixelsInBands)
    var rule = network.tileRule(scale: scale)
    if let tilePixels { rule.pixels = tilePixels }
    let tiling = Tiling(picture, scale: scale, pixels: rule.pixels, border: border, margin: rule.margin)
    let bands = tiling.bands(byColumns: order.isByColumns)
    let work = TileWork(
      picture: picture, network: network, task: task, bands: order.isReversed ? bands.reversed() : bands,
      border: tiling.tiles.count == 1 ? border : .continued, finishing: finishing)
    try work.run(threads: threads, isCancelled: isCancelled, onIteration: onIteration, onBand: onBand)
  }

  /// As `enlarge`, in one go and before the values are cropped from their frame, clipped and rounded.
  /// - Parameter check: called many times a second; throws `.cancelled` to stop.
  package func enlargedPlanes(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double, border: Border = .repeating,
    check: () throws(SuperResolutionError) -> Void = {},
    onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(SuperResolutionError) -> Planes {
    let task = EnlargingTask(kernel: kernel, scale: scale, noise: noise)
    let frame = Frame(width: picture.width, height: picture.height, scale: scale, border: border)
    return try self.network(for: picture, task, atMost: Self.maximumPixels).enlarge(
      frame.planes(of: picture), task, check: check, onIteration: onIteration)
  }

  /// - Throws: what of the task cannot be done.
  private func network(
    for picture: Picture, _ task: EnlargingTask, atMost limit: Int
  ) throws(SuperResolutionError) -> any EnlargingNetwork {
    let (scale, noise, kernel) = (task.scale, task.noise, task.kernel)
    guard (2...4).contains(scale) else { throw .scale(scale) }
    guard (0...255).contains(noise) else { throw .noise(noise) }
    guard kernel.values.allSatisfy(\.isFinite) else {
      throw .kernel(reason: "some of its values are not finite")
    }
    guard kernel.sum > 0 else { throw .kernel(reason: "its values sum to \(kernel.sum)") }
    try Self.check(picture.size.enlarged(by: scale), atMost: limit)
    guard let network = networks[scale] else {
      throw .otherScale(file: networks.values.first?.weights?.path ?? "", made: onlyScale ?? 2, wanted: scale)
    }
    return network
  }

  /// - Parameter limit: pixels of the enlarged picture.
  /// - Throws: `SuperResolutionError.tooLarge`.
  package static func check(_ size: PictureSize, atMost limit: Int) throws(SuperResolutionError) {
    guard size.pixels <= limit else {
      throw .tooLarge(width: size.width, height: size.height, limit: limit)
    }
  }
}
