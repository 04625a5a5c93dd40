extension Picture {
  /// The picture moved by whole pixels, what leaves it on one side coming in on the other; opaque.
  package func moved(right: Int, down: Int) -> Picture {
    if right == 0 && down == 0 { return self }
    func moved(_ samples: Samples, _ channels: Int) -> Samples {
      let rowLength = channels * width
      return switch samples {
      case .bits8(let samples):
        .bits8(Self.moved(samples, rowLength: rowLength, right: channels * right, down: down))
      case .bits16(let samples):
        .bits16(Self.moved(samples, rowLength: rowLength, right: channels * right, down: down))
      }
    }
    return Picture(
      like: self, width: width, height: height, samples: moved(samples, 3),
      transparency: transparency?.rearranged(moved))
  }

  private static func moved<Sample>(
    _ samples: [Sample], rowLength length: Int, right: Int, down: Int
  ) -> [Sample] {
    let height = samples.count / length
    func start(_ move: Int, _ side: Int) -> Int { ((-move % side) + side) % side }
    let (top, left) = (start(down, height), start(right, length))
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
