import BlurKernels

/// What an enlargement is told besides the picture.
struct EnlargingTask: Sendable {
  let kernel: BlurKernel
  /// 2, 3 or 4.
  let scale: Int
  /// The picture's noise, as a standard deviation in 8-bit levels.
  let noise: Double
}

/// One way to enlarge a picture whose blur kernel is known. May be used from several threads at once.
protocol EnlargingNetwork: Sendable {
  var name: String { get }
  /// The file of weights; nil for the closed form.
  var weights: SuperResolver.WeightsFile? { get }
  /// Whether training gave the network kernels that were a little wrong, so that it needs no higher noise level for a kernel
  /// that is uncertain.
  var toleratesWrongKernels: Bool { get }
  /// How pictures are cut that are too large for one go.
  func tileRule(scale: Int) -> TileRule

  /// - Parameters:
  ///   - picture: in its frame, taken as repeating in both directions.
  ///   - check: called at least once for each few rows of each layer; throws `.cancelled` to stop.
  ///   - onIteration: called after each part of the work with the number done and that of all.
  /// - Returns: the enlarged picture, not clipped.
  func enlarge(
    _ picture: Planes, _ task: EnlargingTask, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes
}

/// How large a tile may be, and how much of its surroundings it is enlarged with.
struct TileRule: Sendable, Equatable {
  /// Most pixels of an enlarged tile, with its margin.
  var pixels = 3_000_000
  /// Pixels of the given picture on each side.
  var margin = Tiling.margin
}
