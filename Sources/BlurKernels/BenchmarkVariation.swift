/// How a benchmark differs from the paper's clean ones: in its kernels, in noise, in how pictures are stored.
public struct BenchmarkVariation: Sendable, Equatable {
  public var kernels: KernelFamily
  public var noise: Noise?
  /// The camera that takes the pictures; nil for the benchmarks' plain degradation.
  public var camera: Camera?
  /// Of the JPEG that low-resolution pictures are stored as last, 1 to 100; nil for none.
  public var jpegQuality: Int?

  /// Each with its standard deviation in 8-bit levels.
  public enum Noise: Sendable, Equatable {
    /// The same everywhere.
    case white(level: Double)
    /// As a sensor makes it: of that deviation in mid-grey, less in shadows, more in light.
    case camera(level: Double)
    /// The same everywhere and in all three channels, as in grey pictures stored as RGB.
    case grey(level: Double)
  }

  /// - Parameter camera: makes the picture in place of the plain degradation; noise is for the other only.
  public init(
    kernels: KernelFamily = .gaussian, noise: Noise? = nil, camera: Camera? = nil, jpegQuality: Int? = nil
  ) {
    (self.kernels, self.noise, self.camera, self.jpegQuality) = (kernels, noise, camera, jpegQuality)
  }

  /// The paper's.
  public static let none = BenchmarkVariation()

  /// Of the benchmark that a scale and this make, such as `x2_motion_camera10_jpeg50`.
  public func folder(scale: Int) -> String {
    let parts = [
      "x\(scale)", kernels == .gaussian ? nil : kernels.rawValue, noise?.name, camera?.name,
      jpegQuality.map { "jpeg\($0)" },
    ]
    return parts.compactMap(\.self).joined(separator: "_")
  }
}

extension BenchmarkVariation.Noise {
  fileprivate var name: String {
    func text(_ level: Double) -> String { Int(exactly: level).map(String.init) ?? "\(level)" }
    return switch self {
    case .white(let level): "noise\(text(level))"
    case .camera(let level): "camera\(text(level))"
    case .grey(let level): "grey\(text(level))"
    }
  }

  func image(key: UInt64) -> ImageNoise {
    switch self {
    case .white(let level): ImageNoise(deviation: level / 255, key: key)
    case .camera(let level): .camera(deviation: level / 255, key: key)
    case .grey(let level): .grey(deviation: level / 255, key: key)
    }
  }
}
