/// One picture, one method, one run: a line of the CSV file.
public struct Score: Codable, Sendable, Equatable {
  public var bench: String
  public var picture: String
  /// The row's label.
  public var method: String
  /// SHA-256 of the weights, where the method has some.
  public var checkpoint: String?
  /// Nil for what is not estimated here (bicubic interpolation, the true kernel, other tools' results), as is the seed.
  public var steps: Int?
  public var seed: Int?
  /// In decibels.
  public var imagePSNR: Double?
  public var imageSSIM: Double?
  /// In decibels.
  public var kernelPSNR: Double?
  /// LK-COV, in square pixels.
  public var covarianceDistance: Double?
  /// LR-PSNR in decibels: the original degraded with the kernel, against the low-resolution picture.
  public var reblurredPSNR: Double?
  /// What the enlarging is told of noise: 8-bit levels, or `auto`; nil where it is told nothing.
  public var noise: String?
  /// Of finding the kernel.
  public var seconds: Double?
  /// Resident at most while the kernel was found, in units of 2^20 bytes.
  public var megabytes: Double?
  /// The same of enlarging.
  public var enlargingSeconds: Double?
  public var enlargingMegabytes: Double?
  /// What LK-COV should stay under, by the method's own word, and whether the method is confident of the kernel.
  public var covarianceBound: Double?
  public var isConfident: Bool?
  /// The largest side, in pixels of the original, of the central part that was used; nil where whole pictures were used.
  public var crop: Int?

  public init(bench: String, picture: String, method: String) {
    (self.bench, self.picture, self.method) = (bench, picture, method)
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case bench, picture, method, checkpoint, steps, seed
    case imagePSNR = "image_psnr"
    case imageSSIM = "image_ssim"
    case kernelPSNR = "kernel_psnr"
    case covarianceDistance = "lk_cov"
    case reblurredPSNR = "lr_psnr"
    case noise = "sr_noise"
    case seconds, megabytes
    case enlargingSeconds = "sr_seconds"
    case enlargingMegabytes = "sr_megabytes"
    case covarianceBound = "lk_cov_bound"
    case isConfident = "confident"
    case crop
  }
}

/// A measured quantity: how it is read, named and printed.
struct Measure: Sendable {
  /// As tables head it.
  let name: String
  /// As files call it.
  let key: Score.CodingKeys
  let digits: Int
  var lessIsBetter = false
  let value: @Sendable (Score) -> Double?

  static let imagePSNR = Measure(name: "image PSNR", key: .imagePSNR, digits: 2) { $0.imagePSNR }
  static let imageSSIM = Measure(name: "SSIM", key: .imageSSIM, digits: 4) { $0.imageSSIM }
  static let kernelPSNR = Measure(name: "kernel PSNR", key: .kernelPSNR, digits: 2) { $0.kernelPSNR }
  static let covarianceDistance = Measure(
    name: "LK-COV", key: .covarianceDistance, digits: 2, lessIsBetter: true
  ) { $0.covarianceDistance }
  static let reblurredPSNR = Measure(name: "LR-PSNR", key: .reblurredPSNR, digits: 2) { $0.reblurredPSNR }
  static let seconds = Measure(name: "seconds", key: .seconds, digits: 2) { $0.seconds }
  static let megabytes = Measure(name: "MB", key: .megabytes, digits: 0) { $0.megabytes }
  static let enlargingSeconds = Measure(name: "SR seconds", key: .enlargingSeconds, digits: 2) {
    $0.enlargingSeconds
  }
  static let enlargingMegabytes = Measure(name: "SR MB", key: .enlargingMegabytes, digits: 0) {
    $0.enlargingMegabytes
  }

  /// How good, in the paper's order, and by LR-PSNR; then what it costs.
  static let quality = [imagePSNR, imageSSIM, kernelPSNR, covarianceDistance, reblurredPSNR]
  static let cost = [seconds, megabytes, enlargingSeconds, enlargingMegabytes]
}
