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
      /// The sample for a value within 0 and 1, or nearly; `Int32` converts in one instruction.
      func sample(_ value: Float) -> Sample {
        Sample(truncatingIfNeeded: Int32(min(max(0, value), 1) * limit + 0.5))
      }
      for (y, row) in zip(top..., rows) {
        let start = y * planes.width + left
        let red = planes.plane(0) + start
        let green = planes.plane(1) + start
        let blue = planes.plane(2) + start
        samples.withUnsafeMutableBufferPointer { samples in
          for x in 0..<columns.count {
            var colour = (red[x], green[x], blue[x])
            if model.isGrey {
              let mean = (colour.0 + colour.1 + colour.2) / 3
              colour = (mean, mean, mean)
            }
            let index = 3 * (row * width + columns.lowerBound + x)
            samples[index] = sample(colour.0)
            samples[index + 1] = sample(colour.1)
            samples[index + 2] = sample(colour.2)
          }
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
