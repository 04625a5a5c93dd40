/// One format's way from bytes to a picture: the header is read first, so that limits are checked before anything of the
/// picture's size is allocated.
protocol PictureDecoder {
  /// As errors name it.
  static var format: String { get }

  /// Reads the header.
  /// - Parameters:
  ///   - source: must outlive the decoder.
  ///   - name: what errors call the picture.
  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError)

  var layout: PictureLayout { get }

  /// Decodes the samples; called once, after `layout` has been checked.
  /// - Parameter check: called before each row, or before and after what a library does in one call; what it throws ends
  ///   decoding.
  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture
}

/// Collects the rows of a picture whose decoder hands out red, green, blue and alpha, and lays them on white. Until a pixel
/// that is not opaque comes, only the colours are kept.
struct PictureRows<Sample: FixedWidthInteger & UnsignedInteger> {
  private let width: Int
  private(set) var samples: [Sample]
  private var colours: [Sample] = []
  private var alpha: [Sample] = []

  init(width: Int, height: Int) {
    self.width = width
    samples = [Sample](repeating: 0, count: 3 * width * height)
  }

  /// The (height, width) alpha and the colours as stored, where some pixel is not opaque.
  func transparency(_ wrapped: ([Sample]) -> Picture.Samples) -> Transparency? {
    alpha.isEmpty ? nil : Transparency(alpha: wrapped(alpha), colours: wrapped(colours))
  }

  /// Stores pixels of a row from left to right.
  /// - Parameters:
  ///   - line: four values a pixel: red, green, blue and alpha, which only counts where `hasAlpha`.
  ///   - columns: where the pixels go.
  mutating func store(
    _ line: UnsafeBufferPointer<Sample>, row: Int, columns: StrideTo<Int>, hasAlpha: Bool
  ) {
    let start = row * width
    for (pixel, column) in columns.enumerated() {
      let (source, target) = (4 * pixel, 3 * (start + column))
      for channel in 0..<3 { samples[target + channel] = line[source + channel] }
      if hasAlpha && line[source + 3] != Sample.max {
        cover(start + column, with: line[source + 3])
      } else if !colours.isEmpty {
        alpha[start + column] = .max
        for channel in 0..<3 { colours[target + channel] = line[source + channel] }
      }
    }
  }

  /// A pixel that is not opaque, whose colour is in `samples` as stored.
  private mutating func cover(_ pixel: Int, with value: Sample) {
    if alpha.isEmpty {
      alpha = [Sample](repeating: .max, count: samples.count / 3)
      colours = samples
    }
    alpha[pixel] = value
    for index in 3 * pixel..<3 * pixel + 3 {
      colours[index] = samples[index]
      samples[index] = Picture.laid(samples[index], cover: value, on: .max)
    }
  }
}
