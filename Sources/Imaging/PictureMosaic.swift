/// A picture put together from parts.
package struct PictureMosaic {
  private let model: Picture
  private let width: Int, height: Int
  private var samples: Plane
  /// Alpha and colours as stored; nil for opaque parts.
  private var transparency: (alpha: Plane, colours: Plane)?

  /// - Parameter part: one of the parts, which are alike in all but their samples.
  package init(width: Int, height: Int, like part: Picture) {
    (model, self.width, self.height) = (part, width, height)
    func plane(_ channels: Int) -> Plane {
      Plane(width: width, height: height, channels: channels, isDeep: part.samples.isDeep)
    }
    samples = plane(3)
    transparency = part.transparency == nil ? nil : (plane(1), plane(3))
  }

  /// Puts a part in its place, within the picture.
  package mutating func place(_ part: Picture, top: Int, left: Int) {
    let place = Place(top: top, left: left, width: part.width, height: part.height)
    samples.place(part.samples, place)
    guard let own = part.transparency else { return }
    transparency?.alpha.place(own.alpha, place)
    transparency?.colours.place(own.colours, place)
  }

  package var picture: Picture {
    Picture(
      like: model, width: width, height: height, samples: samples.samples,
      transparency: transparency.map {
        Transparency(alpha: $0.alpha.samples, colours: $0.colours.samples)
      })
  }

  private struct Place {
    let top: Int, left: Int, width: Int, height: Int
  }

  private struct Plane {
    let width: Int, channels: Int
    private(set) var samples: Picture.Samples

    init(width: Int, height: Int, channels: Int, isDeep: Bool) {
      (self.width, self.channels) = (width, channels)
      let count = width * height * channels
      samples =
        isDeep ? .bits16(Array(repeating: 0, count: count)) : .bits8(Array(repeating: 0, count: count))
    }

    mutating func place(_ part: Picture.Samples, _ place: Place) {
      precondition(part.isDeep == samples.isDeep, "parts of one picture have one depth")
      switch samples {
      case .bits8(var values):
        samples = .bits8([])  // so that `values` is the only reference, and is changed in place
        if case .bits8(let part) = part { copy(part, place, to: &values) }
        samples = .bits8(values)
      case .bits16(var values):
        samples = .bits16([])
        if case .bits16(let part) = part { copy(part, place, to: &values) }
        samples = .bits16(values)
      }
    }

    private func copy<Sample>(_ part: [Sample], _ place: Place, to values: inout [Sample]) {
      let count = channels * place.width
      values.withUnsafeMutableBufferPointer { values in
        part.withUnsafeBufferPointer { part in
          for row in 0..<place.height {
            let start = channels * ((place.top + row) * width + place.left)
            _ = UnsafeMutableBufferPointer(rebasing: values[start..<start + count])
              .update(fromContentsOf: part[row * count..<(row + 1) * count])
          }
        }
      }
    }
  }
}
