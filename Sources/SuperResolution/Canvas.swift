import Imaging

/// An enlarged picture that comes in parts, of a model's depth: grey where it is grey (the mean of the three colours),
/// with its metadata, orientation and notes.
package struct Canvas {
  private let width: Int, height: Int
  private let model: Picture
  private var samples: Picture.Samples

  package init(width: Int, height: Int, like model: Picture) {
    (self.width, self.height, self.model) = (width, height, model)
    let count = 3 * width * height
    samples =
      switch model.samples {
      case .bits8: .bits8(Array(repeating: 0, count: count))
      case .bits16: .bits16(Array(repeating: 0, count: count))
      }
  }

  package var picture: Picture {
    Picture(like: model, width: width, height: height, samples: samples)
  }

  /// Fills rows and columns with the planes' values from a corner on, clipped and rounded.
  package mutating func fill(
    rows: Range<Int>, columns: Range<Int>, from planes: Planes, top: Int, left: Int
  ) {
    func fill<Sample: FixedWidthInteger>(_ samples: inout [Sample]) {
      let limit = Float(Sample.max)
      for (y, row) in zip(top..., rows) {
        for (x, column) in zip(left..., columns) {
          var colour = SIMD3(planes[0, y, x], planes[1, y, x], planes[2, y, x])
          if model.isGrey { colour = SIMD3(repeating: colour.sum() / 3) }
          colour.clamp(lowerBound: .zero, upperBound: .one)
          let index = 3 * (row * width + column)
          for channel in 0..<3 { samples[index + channel] = Sample(colour[channel] * limit + 0.5) }
        }
      }
    }
    switch samples {
    case .bits8(var values):
      samples = .bits8([])
      fill(&values)
      samples = .bits8(values)
    case .bits16(var values):
      samples = .bits16([])
      fill(&values)
      samples = .bits16(values)
    }
  }
}
