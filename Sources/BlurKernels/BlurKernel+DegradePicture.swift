public import Imaging
import Numerics

/// Gaussian noise, drawn from a key, independent from sample to sample or, where it is grey, from pixel to pixel.
public struct ImageNoise: Sendable, Equatable {
  /// In shares of the brightest value; where it depends on the signal, that at half of it.
  public var deviation: Double
  public var key: UInt64
  /// The share of the variance at half the brightest value that is in proportion to the signal, as that of counted light
  /// is; 0 for white noise.
  public var signalShare: Double
  /// Whether the three channels have the same noise.
  public var isGrey: Bool

  public init(deviation: Double, key: UInt64, signalShare: Double = 0, isGrey: Bool = false) {
    (self.deviation, self.key, self.signalShare, self.isGrey) = (deviation, key, signalShare, isGrey)
  }

  /// White and equal in the three channels.
  static func grey(deviation: Double, key: UInt64) -> ImageNoise {
    ImageNoise(deviation: deviation, key: key, isGrey: true)
  }

  /// A sensor's: variance a x + b of a value x, its Poisson part taken as Gaussian (Foi, Trimeche, Katkovnik and Egiazarian,
  /// "Practical Poissonian-Gaussian noise modeling and fitting for single-image raw-data", IEEE TIP 2008). Nine tenths come
  /// from the light.
  static func camera(deviation: Double, key: UInt64) -> ImageNoise {
    ImageNoise(deviation: deviation, key: key, signalShare: 0.9)
  }
}

extension BlurKernel {
  /// The low-resolution picture that this kernel makes of `picture`, as benchmarks are made: cropped to a multiple of
  /// the scale, blurred with a circular border, every `scale`-th pixel kept, noise added, clipped to [0, 1] and
  /// truncated (not rounded) to 8 bits.
  ///
  /// With the kernels of the published Set14 benchmark its 42 noise-free pictures come out byte for byte. The same
  /// arguments give the same bytes on every machine.
  /// - Throws: `DegradationError.size` for a picture with a side shorter than the scale; `NumericsError` where there
  ///   is noise and the processor lacks AVX2.
  public func degrade(_ picture: Picture, scale: Int, noise: ImageNoise? = nil) throws -> Picture {
    guard min(picture.width, picture.height) >= scale else {
      throw DegradationError.size(width: picture.width, height: picture.height, scale: scale)
    }
    let cropped = picture.cropped(toMultipleOf: scale)
    var planes = try degrade(cropped.planes, width: cropped.width, height: cropped.height, scale: scale)
    if let noise { try noise.add(to: &planes) }
    let area = planes.count / 3
    var rgb: [UInt8] = []
    rgb.reserveCapacity(planes.count)
    for pixel in 0..<area {
      for channel in 0..<3 { rgb.append(UInt8(min(max(planes[channel * area + pixel], 0), 1) * 255)) }
    }
    return Picture(width: cropped.width / scale, height: cropped.height / scale, rgb: rgb)
  }
}

extension ImageNoise {
  fileprivate func add(to planes: inout [Float]) throws(NumericsError) {
    let normals = FloatBuffer((planes.count + 63) / 64 * 64)
    Philox.normals(
      key: key, stream: 0, into: normals.pointer, count: normals.count, unit: try VectorUnit.current())
    let (constant, slope) = (Float(1 - signalShare), Float(2 * signalShare))
    let area = planes.count / 3
    for index in planes.indices {
      let relative = (constant + slope * max(planes[index], 0)).squareRoot()
      planes[index].addProduct(
        Float(deviation) * relative, normals.pointer[isGrey ? index % area : index])
    }
  }
}

extension Picture {
  /// (3, height, width), in [0, 1].
  fileprivate var planes: [Float] {
    [Float](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      patch(top: 0, left: 0, height: height, width: width, into: start)  // writes every value
      count = buffer.count
    }
  }
}
