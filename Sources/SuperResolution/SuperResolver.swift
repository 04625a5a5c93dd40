public import BlurKernels
public import Imaging

/// Enlarges pictures whose blur kernel is known, with USRNet-tiny or, without its weights, by the closed form of its data
/// step alone: Tikhonov regularisation towards the picture enlarged by cubic convolution.
///
/// May be used from several threads at once; each call computes on its own thread, and its result depends on the
/// arguments alone. A call takes at most 700 MB besides both pictures, since those beyond three million enlarged pixels are
/// worked on in tiles (626 MB for 1020x678 at scale 2).
public struct SuperResolver: Sendable {
  /// Enlarged pictures may have so many pixels.
  public static let maximumPixels = 400_000_000

  /// What lies beyond the picture.
  public enum Border: Sendable {
    /// The picture again, as the benchmark's pictures were blurred.
    case repeating
    /// Something unknown, as with photographs.
    case continued
  }

  /// The network, or nil for the closed form.
  private let weights: USRNetWeights?
  private let tilePixels: Int

  /// `USRNet-tiny` or `closed form`.
  public var name: String { weights == nil ? "closed form" : "USRNet-tiny" }
  /// Of the file of weights.
  public var sha256: String? { weights?.sha256 }

  /// - Parameter path: USRNet-tiny's weights as safetensors (scripts/convert_usrnet.py makes them of the published
  ///   file); nil for the closed form.
  /// - Throws: `SuperResolutionError.weights` or `.otherNetwork` where the file cannot be used.
  public init(weights path: String?) throws(SuperResolutionError) {
    try self.init(weights: path, tilePixels: 3_000_000)
  }

  /// - Parameter tilePixels: what is enlarged in one go.
  package init(weights path: String?, tilePixels: Int) throws(SuperResolutionError) {
    self.tilePixels = tilePixels
    weights = if let path { try USRNetWeights(path: path) } else { nil }
  }

  /// - Parameters:
  ///   - picture: any size and depth.
  ///   - kernel: a cross-correlation kernel of any size; turned by 180 degrees in here for USRNet's convolution.
  ///   - scale: 2, 3 or 4.
  ///   - noise: the picture's noise, as a standard deviation in 8-bit levels, 0...255.
  ///   - border: what lies beyond the picture.
  ///   - onIteration: called after each iteration with the number done and that of all.
  /// - Returns: the enlarged picture, of the depth, profile and orientation that the picture has.
  public func enlarge(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double, border: Border = .repeating,
    onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(SuperResolutionError) -> Picture {
    try Self.check(picture, kernel, scale, noise)
    let tiles = Tiling(picture, scale: scale, pixels: tilePixels, border: border).tiles
    var canvas = Canvas(width: scale * picture.width, height: scale * picture.height, like: picture)
    for (number, tile) in tiles.enumerated() {
      let part = picture.part(rows: tile.framedRows, columns: tile.framedColumns)
      let planes = try enlargedPlanes(
        part, kernel: kernel, scale: scale, noise: noise,
        border: tiles.count == 1 ? border : .continued
      ) { onIteration(number * $1 + $0, tiles.count * $1) }
      func enlarged(_ range: Range<Int>) -> Range<Int> {
        scale * range.lowerBound..<scale * range.upperBound
      }
      canvas.fill(
        rows: enlarged(tile.rows), columns: enlarged(tile.columns), from: planes,
        top: scale * (tile.rows.lowerBound - tile.framedRows.lowerBound),
        left: scale * (tile.columns.lowerBound - tile.framedColumns.lowerBound))
    }
    return canvas.picture
  }

  /// As `enlarge`, in one go and before the values are cropped from their frame, clipped and rounded.
  package func enlargedPlanes(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double, border: Border = .repeating,
    onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(SuperResolutionError) -> Planes {
    let frame = Frame(width: picture.width, height: picture.height, scale: scale, border: border)
    let small = frame.planes(of: picture)
    let data = try DataStep(small, kernel: kernel, scale: scale)
    guard let weights else {
      let large = AlignedCubic(kernel, scale: scale).enlarge(small)
      data.run(large, alpha: Self.closedFormWeight(noise: noise))
      onIteration(1, 1)
      return large
    }
    return try Self.unfold(weights, data, small, scale, noise, onIteration)
  }

  /// USRNet's iterations, from the picture enlarged by repeating its pixels.
  private static func unfold(
    _ weights: USRNetWeights, _ data: DataStep, _ small: Planes, _ scale: Int, _ noise: Double,
    _ onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes {
    let large = small.repeated(scale)
    let prior = try ResUNet(weights, width: large.width, height: large.height)
    let steps = weights.hyperParameters.values(noise: noise / 255, scale: scale)
    for (index, (alpha, beta)) in steps.enumerated() {
      data.run(large, alpha: alpha)
      prior.run(large, noise: beta)
      onIteration(index + 1, steps.count)
    }
    return large
  }

  /// How strongly the closed form holds to the cubic picture: the variance of noise and rounding over that of what cubic
  /// pictures lack, 20 levels squared. (Set14 x2 with true kernels has 30.5 dB so, the best of factors of three apart;
  /// the cubic pictures alone 26.8, USRNet-tiny 32.6.)
  private static func closedFormWeight(noise: Double) -> Float {
    Float((noise * noise + 1.0 / 12) / 400)
  }

  private static func check(
    _ picture: Picture, _ kernel: BlurKernel, _ scale: Int, _ noise: Double
  ) throws(SuperResolutionError) {
    guard (2...4).contains(scale) else { throw .scale(scale) }
    guard (0...255).contains(noise) else { throw .noise(noise) }
    guard kernel.values.allSatisfy(\.isFinite) else {
      throw .kernel(reason: "some of its values are not finite")
    }
    guard kernel.sum > 0 else { throw .kernel(reason: "its values sum to \(kernel.sum)") }
    let (width, height) = (scale * picture.width, scale * picture.height)
    guard width * height <= maximumPixels else { throw .tooLarge(width: width, height: height) }
  }
}
