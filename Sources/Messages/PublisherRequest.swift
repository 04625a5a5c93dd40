public import Foundation

/// What is asked of whoever serves checkpoints. Nothing that can be asked changes anything there.
public struct PublisherRequest: Equatable, Sendable {
  public enum Body: Equatable, Sendable {
    case listRuns
    case describe(ChannelName)
    /// As `describe`, but answered only once it is another file than the one `known` by its SHA-256, or after `seconds`
    /// (1 to 60).
    case watch(ChannelName, known: String?, seconds: Int)
    /// `chunkSize` bytes, or as many as there are, from an offset divisible by that; `file` is the SHA-256 of the
    /// whole one.
    case fetch(file: String, offset: Int)
  }

  /// Bytes of a file that travel in one message: large enough that messages cost nothing, small enough that a slow line
  /// shows progress every second.
  public static let chunkSize = 256 << 10

  /// The asker's own; the answer bears it.
  public var number: UInt64
  public var body: Body

  public init(_ number: UInt64, _ body: Body) { (self.number, self.body) = (number, body) }
}

/// What a publisher answers.
public struct PublisherReply: Equatable, Sendable {
  public enum Body: Equatable, Sendable {
    case runs([ServedRun])
    case checkpoint(ServedCheckpoint)
    case chunk(Chunk)
    case refusal(Refusal)
  }

  public struct Chunk: Equatable, Sendable {
    /// SHA-256 of the whole file.
    public var file: String
    public var offset: Int
    public var bytes: Data

    public init(file: String, offset: Int, bytes: Data) {
      (self.file, self.offset, self.bytes) = (file, offset, bytes)
    }
  }

  public struct Refusal: Error, Equatable, Sendable {
    public enum Reason: Hashable, Sendable, CaseIterable {
      case unreadableRequest
      /// No such run, channel or hash; it may come to be.
      case notServed
      /// Several runs are served and none was named.
      case ambiguousRun
      case tooBusy
    }

    public var reason: Reason
    /// For people; at most 500 characters travel.
    public var explanation: String

    public init(_ reason: Reason, _ explanation: String) {
      (self.reason, self.explanation) = (reason, explanation)
    }
  }

  /// The request's; 0 in a chunk, which says itself what it is, so that one answer goes to all who want it.
  public var number: UInt64
  public var body: Body

  public init(_ number: UInt64, _ body: Body) { (self.number, self.body) = (number, body) }
}

/// One of the runs that are served.
public struct ServedRun: Equatable, Sendable {
  public var name: String
  /// The oldest first; at most the newest `mostCheckpoints` of them travel.
  public var checkpoints: [ServedCheckpoint]

  public static let mostCheckpoints = 1000

  public init(name: String, checkpoints: [ServedCheckpoint]) {
    (self.name, self.checkpoints) = (name, checkpoints)
  }
}

/// What is known of a checkpoint before it is fetched.
public struct ServedCheckpoint: Equatable, Sendable {
  /// Means over the run's held-out tasks; kernel PSNR in dB before and after adaptation.
  public struct HeldOut: Equatable, Sendable {
    public var psnrBefore: Double, psnrAfter: Double
    public var tasks: Int

    public init(psnrBefore: Double, psnrAfter: Double, tasks: Int) {
      (self.psnrBefore, self.psnrAfter, self.tasks) = (psnrBefore, psnrAfter, tasks)
    }
  }

  public var run: String
  public var step: Int
  /// Of the whole file.
  public var sha256: String
  /// In bytes, 1 to `largestFile`.
  public var size: Int
  /// Seconds since 1970, UTC.
  public var written: Int
  /// Nil where it was not evaluated.
  public var heldOut: HeldOut?

  /// In bytes: far above any checkpoint, far below what would fill a disk.
  public static let largestFile = 1 << 28

  public init(run: String, step: Int, sha256: String, size: Int, written: Int, heldOut: HeldOut? = nil) {
    (self.run, self.step, self.sha256, self.size) = (run, step, sha256, size)
    (self.written, self.heldOut) = (written, heldOut)
  }
}
