import BlurKernels
import Imaging
import SuperResolution

extension BlurKernel {
  /// The unexplained share of a picture's power: the power of the difference between the picture and the enlarged
  /// one, blurred by this kernel and reduced, over the power of the picture. Luminances pass through a Laplacian
  /// first, as in `WindowProducts`.
  /// - Parameters:
  ///   - enlarged: the picture enlarged by `scale`; may have a frame below and to the right.
  ///   - margin: pixels of the given picture to leave out on all sides, at least 8.
  func unexplained(of picture: Picture, from enlarged: Planes, scale: Int, margin: Int) -> Double {
    let made: [Float]
    do {
      made = try degrade(
        WindowProducts.luminance(of: enlarged), width: enlarged.width, height: enlarged.height, scale: scale)
    } catch { preconditionFailure("frames are multiples of the scale: \(error)") }
    let given = WindowProducts.luminance(of: picture)
    let left = given.indices.map { i in
      given[i] - made[i / picture.width * (enlarged.width / scale) + i % picture.width]
    }
    func power(_ values: [Float]) -> Double {
      let sharpened = WindowProducts.sharpened(values, picture.width, step: 1)
      var sum = 0.0
      for y in margin..<picture.height - margin {
        for x in margin..<picture.width - margin {
          let value = Double(sharpened[y * picture.width + x])
          sum += value * value
        }
      }
      return sum
    }
    return power(left) / power(given)
  }
}
