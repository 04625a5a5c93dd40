extension Picture {
  /// The picture moved by whole pixels, what leaves it on one side coming in on the other.
  package func moved(right: Int, down: Int) -> Picture {
    let moved: Samples =
      switch samples {
      case .bits8(let samples): .bits8(Self.moved(samples, width, right: right, down: down))
      case .bits16(let samples): .bits16(Self.moved(samples, width, right: right, down: down))
      }
    return Picture(
      width: width, height: height, samples: moved, isGrey: isGrey, orientation: orientation,
      iccProfile: iccProfile, notes: notes)
  }

  private static func moved<Sample>(
    _ samples: [Sample], _ width: Int, right: Int, down: Int
  ) -> [Sample] {
    let length = 3 * width
    let height = samples.count / length
    func start(_ move: Int, _ side: Int) -> Int { ((-move % side) + side) % side }
    let (top, left) = (start(down, height), 3 * start(right, width))
    var result: [Sample] = []
    result.reserveCapacity(samples.count)
    for y in 0..<height {
      let row = (y + top) % height * length
      result += samples[row + left..<row + length]
      result += samples[row..<row + left]
    }
    return result
  }
}
