/// Draws crops from a probability map.
public struct CropSampler: Sendable {
  public let width: Int
  public let height: Int
  public let cropSize: Int
  /// The map's running sum, whose last value is 1.
  private let cumulative: [Double]

  /// Takes the map over and sums it in place, so that only one table of the picture's size is alive.
  public init(_ map: consuming ProbabilityMap) {
    width = map.width
    height = map.height
    cropSize = map.cropSize
    Self.cumulate(&map.values)
    cumulative = map.values
  }

  /// The flat index (row * width + column) of the centre at `uniform` in [0, 1): the first whose running
  /// sum exceeds it, as NumPy's `choice` finds it.
  public func centre(at uniform: Double) -> Int {
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > uniform { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The crop around a centre, moved inside the picture, then up and left to even coordinates, so that
  /// a pattern of 2x2 pixels stays in step.
  public func topLeft(ofCentre index: Int) -> (top: Int, left: Int) {
    (Self.start(index / width, cropSize, height), Self.start(index % width, cropSize, width))
  }

  /// The crop that `uniform` in [0, 1) draws.
  public func topLeft(at uniform: Double) -> (top: Int, left: Int) {
    topLeft(ofCentre: centre(at: uniform))
  }

  private static func cumulate(_ values: inout [Double]) {
    var sum = 0.0
    for index in values.indices {
      sum += values[index]
      values[index] = sum
    }
    for index in values.indices { values[index] /= sum }
  }

  private static func start(_ centre: Int, _ size: Int, _ side: Int) -> Int {
    let start = min(max(centre - size / 2, 0), side - size)
    return start - start % 2
  }
}
