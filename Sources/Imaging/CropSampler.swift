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
    (start(ofCentre: index / width, within: height), start(ofCentre: index % width, within: width))
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

  private func start(ofCentre centre: Int, within side: Int) -> Int {
    let start = min(max(centre - cropSize / 2, 0), side - cropSize)
    return start - start % 2
  }
}
