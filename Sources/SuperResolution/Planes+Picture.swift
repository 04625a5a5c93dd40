import Imaging

extension Planes {
  /// The upper left part as a picture like another: of its depth, grey where it is grey (the mean of the three colours),
  /// with its profile, orientation and notes. Values are clipped and rounded.
  func picture(width: Int, height: Int, like model: Picture) -> Picture {
    let samples: Picture.Samples =
      switch model.samples {
      case .bits8: .bits8(quantised(width, height, grey: model.isGrey))
      case .bits16: .bits16(quantised(width, height, grey: model.isGrey))
      }
    return Picture(
      width: width, height: height, samples: samples, isGrey: model.isGrey, orientation: model.orientation,
      iccProfile: model.iccProfile, notes: model.notes)
  }

  private func quantised<Sample: FixedWidthInteger>(_ width: Int, _ height: Int, grey: Bool) -> [Sample] {
    let limit = Float(Sample.max)
    var samples: [Sample] = []
    samples.reserveCapacity(3 * width * height)
    for row in 0..<height {
      for column in 0..<width {
        var colour = (0..<3).map { self[$0, row, column] }
        if grey { colour = Array(repeating: (colour[0] + colour[1] + colour[2]) / 3, count: 3) }
        for value in colour { samples.append(Sample(min(max(value, 0), 1) * limit + 0.5)) }
      }
    }
    return samples
  }
}
