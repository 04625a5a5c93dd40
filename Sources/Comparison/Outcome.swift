public import BlurKernels
public import Foundation
public import SuperResolution

/// What measuring gives: a line of `measurements.jsonl`, or why there is none.
public enum Outcome: Sendable, Equatable {
  case kernel(KernelRecord)
  case image(ImageRecord)
  /// One sentence that names the picture; never kept, so that the next call tries again.
  case failure(String)
}

/// An estimated kernel.
public struct KernelRecord: Codable, Sendable, Equatable {
  /// Hash of everything that the kernel depends on, see `KernelKey`.
  public let key: String
  /// For people who read the file.
  public let of: String
  /// Rows of the kernel one after the other; exact, since JSON's decimals are read back to the same doubles.
  public let values: [Double]
  /// What the kernel's own uncertainty counts for as image noise when it is enlarged with, in 8-bit levels.
  public let kernelNoise: Double
  /// What the method promised of the kernel; nil where it promises nothing.
  public let promise: KernelPromise?
  /// How well the kernel is known; nil in records of before there was such a thing.
  public let standing: KernelStanding?
  /// From the picture in memory to this kernel.
  public let seconds: Double
  /// Resident at most meanwhile, the program itself included.
  public let megabytes: Double
  /// Whether the method made an enlarged picture as well, which was kept beside the crops; nil for not.
  public let hasOwnPicture: Bool?

  public init(
    key: String, of: String, kernel: BlurKernel, kernelNoise: Double, promise: KernelPromise? = nil,
    standing: KernelStanding? = nil, seconds: Double, megabytes: Double, hasOwnPicture: Bool? = nil
  ) {
    self.hasOwnPicture = hasOwnPicture
    (self.key, self.of, values, self.kernelNoise) = (key, of, kernel.values, kernelNoise)
    (self.promise, self.standing) = (promise, standing)
    (self.seconds, self.megabytes) = (seconds, megabytes)
  }

  /// Nil where the values are no square of finite numbers, as in a file that was tampered with.
  public var kernel: BlurKernel? {
    let side = Int(Double(values.count).squareRoot())
    guard side > 0, side * side == values.count, values.allSatisfy(\.isFinite) else { return nil }
    return BlurKernel(side: side, values: values)
  }
}

/// What a method promises of a kernel's error, which the true kernel can be held against.
public struct KernelPromise: Codable, Sendable, Equatable {
  /// LK-COV stays under this in nine pictures of ten, in square pixels of the benchmark's scale.
  public let covarianceBound: Double
  public let isConfident: Bool

  public init(covarianceBound: Double, isConfident: Bool) {
    (self.covarianceBound, self.isConfident) = (covarianceBound, isConfident)
  }
}

/// How close an enlarged picture came to the original.
public struct ImageRecord: Codable, Sendable, Equatable {
  /// Hash of everything that the picture depends on, see `ImageKey`.
  public let key: String
  /// For people who read the file.
  public let of: String
  public let psnr, ssim: Double
  /// LR-PSNR: the original degraded with the kernel against the low-resolution picture, in dB; nil where no kernel was used.
  public let reblurredPSNR: Double?
  /// What the enlarging took; nil for a picture that was ready.
  public let seconds, megabytes: Double?

  public init(
    key: String, of: String, psnr: Double, ssim: Double, reblurredPSNR: Double? = nil, seconds: Double?,
    megabytes: Double?
  ) {
    (self.key, self.of, self.psnr, self.ssim) = (key, of, psnr, ssim)
    (self.reblurredPSNR, self.seconds, self.megabytes) = (reblurredPSNR, seconds, megabytes)
  }
}

extension Outcome {
  /// One line of JSON, without the line feed.
  public var line: Data {
    get throws { try JSONEncoder.records.encode(self) }
  }

  public init(line: Data) throws { self = try JSONDecoder.records.decode(Outcome.self, from: line) }
}

extension Outcome: Codable {
  private enum Kind: String, CodingKey { case kernel, image, failure }

  public init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: Kind.self)
    if let kernel = try line.decodeIfPresent(KernelRecord.self, forKey: .kernel) {
      guard kernel.kernel != nil else {
        throw DecodingError.dataCorruptedError(forKey: .kernel, in: line, debugDescription: "no kernel")
      }
      self = .kernel(kernel)
    } else if let image = try line.decodeIfPresent(ImageRecord.self, forKey: .image) {
      self = .image(image)
    } else {
      self = .failure(try line.decode(String.self, forKey: .failure))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: Kind.self)
    switch self {
    case .kernel(let record): try line.encode(record, forKey: .kernel)
    case .image(let record): try line.encode(record, forKey: .image)
    case .failure(let reason): try line.encode(reason, forKey: .failure)
    }
  }
}
