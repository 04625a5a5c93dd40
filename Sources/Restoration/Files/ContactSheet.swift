import BlurKernels
import Imaging

/// What went in, the kernel and what came out, side by side on white: the picture enlarged by cubic convolution, the
/// kernel enlarged to squares, the result.
package enum ContactSheet {
  private static let gap = 8

  /// - Parameters:
  ///   - result: the picture, enlarged by `scale`; the sheet has its depth and profile.
  ///   - kernel: as it was used, of the pixels as stored.
  package static func picture(of picture: Picture, kernel: BlurKernel, result: Picture, scale: Int) -> Picture
  {
    let cell = max(min(result.height, 220) / kernel.side, 1)
    let enlarged = kernel.picture(cell: cell)
    let turned = Picture(
      width: enlarged.width, height: enlarged.height, samples: enlarged.samples,
      orientation: picture.orientation)
    return beside([picture.bicubic(scale: scale), turned, result].map { $0.upright() }, like: result)
  }

  /// Pictures side by side on white.
  ///
  /// - Parameter result: the sheet has its depth and profile.
  package static func beside(_ parts: [Picture], like result: Picture) -> Picture {
    let width = parts.reduce(-gap) { $0 + $1.width + gap }
    let height = parts.reduce(0) { max($0, $1.height) }
    let samples: Picture.Samples =
      switch result.samples {
      case .bits8: .bits8(joined(parts, width: width, height: height))
      case .bits16: .bits16(joined(parts, width: width, height: height))
      }
    return Picture(width: width, height: height, samples: samples, iccProfile: result.iccProfile)
  }

  private static func joined<Sample: FixedWidthInteger>(
    _ parts: [Picture], width: Int, height: Int
  ) -> [Sample] {
    var sheet = [Sample](repeating: .max, count: 3 * width * height)
    var left = 0
    for part in parts {
      for row in 0..<part.height {
        for column in 0..<part.width {
          let target = 3 * (row * width + left + column)
          for channel in 0..<3 {
            sheet[target + channel] = Sample((part[row, column, channel] * Double(Sample.max)).rounded())
          }
        }
      }
      left += part.width + gap
    }
    return sheet
  }
}
