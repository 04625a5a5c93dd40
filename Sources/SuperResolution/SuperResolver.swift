public import Degradation
public import Imaging

/// Enlarges pictures whose blur kernel is known, with USRNet-tiny or, without its weights, by the closed form of its data
/// step alone: Tikhonov regularisation towards the picture enlarged by cubic convolution.
///
/// May be used from several threads at once; each call computes on its own thread, and its result depends on the
/// arguments alone.
public struct SuperResolver: Sendable {
  /// Enlarged pictures may have so many pixels, which bounds a call's memory.
  public static let maximumPixels = 100_000_000

  /// The network, or nil for the closed form.
  private let weights: USRNetWeights?

  /// `USRNet-tiny` or `closed form`.
  public var name: String { weights == nil ? "closed form" : "USRNet-tiny" }
  /// Of the file of weights.
  public var sha256: String? { weights?.sha256 }

  /// - Parameter path: USRNet-tiny's weights as safetensors (scripts/convert_usrnet.py makes them of the published
  ///   file); nil for the closed form.
  /// - Throws: `SuperResolutionError.weights` where the file cannot be used.
  public init(weights path: String?) throws(SuperResolutionError) {
    weights = if let path { try USRNetWeights(path: path) } else { nil }
  }

  /// - Parameters:
  ///   - picture: any size and depth; taken as repeating beyond its border, as the benchmark's pictures do.
  ///   - kernel: a cross-correlation kernel of any size; turned by 180 degrees in here for USRNet's convolution.
  ///   - scale: 2, 3 or 4.
  ///   - noise: the picture's noise, as a standard deviation in 8-bit levels, 0...255.
  ///   - onIteration: called after each iteration with the number done and that of all.
  /// - Returns: the enlarged picture, of the depth, profile and orientation that the picture has.
  public func enlarge(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double,
    onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(SuperResolutionError) -> Picture {
    try enlargedPlanes(picture, kernel: kernel, scale: scale, noise: noise, onIteration: onIteration)
      .picture(width: scale * picture.width, height: scale * picture.height, like: picture)
  }

  /// As `enlarge`, before the values are cropped from their frame, clipped and rounded.
  package func enlargedPlanes(
    _ picture: Picture, kernel: BlurKernel, scale: Int, noise: Double,
    onIteration: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(SuperResolutionError) -> Planes {
    try Self.check(picture, kernel, scale, noise)
    let frame = Frame(width: picture.width, height: picture.height, scale: scale)
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
    let prior: ResUNet
    do { prior = try ResUNet(weights, width: large.width, height: large.height) } catch {
      throw .numerics("\(error)")
    }
    let steps = weights.hyperParameters.values(noise: noise / 255, scale: scale)
    for (index, (alpha, beta)) in steps.enumerated() {
      data.run(large, alpha: alpha)
      prior.run(large, noise: beta)
      onIteration(index + 1, steps.count)
    }
    return large
  }

  /// How strongly the closed form holds to the cubic picture: the variance of noise and rounding over that of what cubic
  /// pictures lack, taken as 10 levels' square.
  private static func closedFormWeight(noise: Double) -> Float {
    Float((noise * noise + 1.0 / 12) / 100)
  }

  private static func check(
    _ picture: Picture, _ kernel: BlurKernel, _ scale: Int, _ noise: Double
  ) throws(SuperResolutionError) {
    guard (2...4).contains(scale) else { throw .scale(scale) }
    guard (0...255).contains(noise) else { throw .noise(noise) }
    guard kernel.values.allSatisfy(\.isFinite) else { throw .kernel(reason: "some of its values are not finite") }
    guard kernel.sum > 0 else { throw .kernel(reason: "its values sum to \(kernel.sum)") }
    let (width, height) = (scale * picture.width, scale * picture.height)
    guard width * height <= maximumPixels else { throw .tooLarge(width: width, height: height) }
  }
}
