/// What is done to the pictures that are sent; the commands know how. Called on the service's own threads, several at a
/// time; what it throws other than a `Problem` is the server's fault.
public protocol PictureWork: Sendable {
  /// - Throws: `Problem`, where the picture or the order cannot be followed.
  func estimate(_ picture: [UInt8], _ order: EstimateRequest) throws -> WorkResult
  func enlarge(_ picture: [UInt8], _ order: EnlargeRequest) throws -> WorkResult
  /// Everything about one picture in one JSON answer, so that a client sends the picture once:
  ///
  ///     {"kernel": what estimate answers with (kernel, covariance, spread, kernel_source, notes ...),
  ///      "kernel_picture": {"type": "image/png", "width": .., "height": .., "base64": ".."},
  ///      "kernel_npy": "base64 of the NumPy file",
  ///      "enlarged": {"type": "image/png", "width": .., "height": .., "base64": ".."},
  ///      "bicubic": the same, where the order asks for it,
  ///      "noise": {"level": .., "is_estimated": ..}, "network": "..", "notes": [".."], "seconds": ..}
  ///
  /// The kernel is the one that the picture was enlarged with.
  /// - Throws: `Problem`, where the picture or the order cannot be followed.
  func restore(_ picture: [UInt8], _ order: RestoreRequest) throws -> WorkResult
  /// What the next picture is worked on with.
  /// - Throws: why nothing can be done.
  func tools() throws -> WorkTools
}

/// How a kernel is wanted.
public struct EstimateRequest: Sendable, Equatable {
  public enum Format: String, Sendable, CaseIterable { case json, npy, png }
  public enum Mode: String, Sendable, CaseIterable { case best, paper }

  /// 2 or 4.
  public var scale = 2
  /// Nil: as the weights allow.
  public var mode: Mode?
  /// 0 to 1,000; nil: as the mode has it.
  public var steps: Int?
  public var seed: UInt64 = 0
  public var format = Format.json
  /// The work advances and is cancelled by this.
  public var inHand = WorkInHand()

  public init() {}
}

/// How an enlarged picture is wanted.
public struct EnlargeRequest: Sendable, Equatable {
  public enum Method: String, Sendable, CaseIterable {
    /// The kernel is estimated and undone.
    case kernel
    /// Plainly, to compare with.
    case bicubic
  }

  public var method = Method.kernel
  /// Of the kernel's estimate; its scale is the enlargement's.
  public var kernel = EstimateRequest()
  /// Standard deviation in 8-bit levels, 0 to 255; nil: estimated.
  public var noise: Double?

  public init() {}
}

/// How a picture is to be restored: its kernel found, and the picture enlarged with it.
public struct RestoreRequest: Sendable, Equatable {
  /// How the kernel is estimated; `kernel.scale` is the enlargement's as well, `kernel.format` has no effect.
  public var kernel = EstimateRequest()
  /// Standard deviation in 8-bit levels, 0 to 255; nil: estimated.
  public var noise: Double?
  /// Whether the answer holds the picture enlarged by bicubic interpolation, to compare with.
  public var isCompared = false

  public init() {}
}

public struct WorkResult: Sendable {
  public let bytes: [UInt8]
  /// Media type.
  public let type: String
  /// SHA-256 of the checkpoint that the kernel was estimated with; nil where none was.
  public let checkpoint: String?

  public init(_ bytes: [UInt8], type: String, checkpoint: String?) {
    (self.bytes, self.type, self.checkpoint) = (bytes, type, checkpoint)
  }
}

public struct WorkTools: Encodable, Sendable {
  public struct Weights: Encodable, Sendable {
    public let sha256: String?
    /// Where they come from, for people.
    public let source: String

    public init(sha256: String?, source: String) { (self.sha256, self.source) = (sha256, source) }
  }

  /// By scale.
  public let estimation: [String: Weights]
  public let superResolution: Weights

  public init(estimation: [String: Weights], superResolution: Weights) {
    (self.estimation, self.superResolution) = (estimation, superResolution)
  }
}
