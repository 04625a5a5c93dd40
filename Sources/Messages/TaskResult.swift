internal import CXXHash

/// What a task, or a block of tasks, came to.
public struct TaskResult: Equatable, Sendable {
  public var origin: Origin
  public var task: TaskID
  /// The meta-gradient in the layout's order, of a block the sum over its tasks; empty for an evaluation. May hold
  /// anything that floats can: whether it is sound is for the receiver to judge.
  public var gradient: [Float]
  /// Figures whose meaning belongs to the task's kind, one task's after the other's.
  public var losses: [Float]
  /// XXH3 over gradient and losses as sent; equal results have equal checksums.
  public var checksum: UInt64
  /// Not part of the checksum: two computations of one task differ in it.
  public var timings: Timings

  public struct Timings: Equatable, Sendable {
    /// Time spent on the task.
    public var computeNanoseconds: UInt64
    /// Time idle before it.
    public var waitNanoseconds: UInt64

    public init(computeNanoseconds: UInt64 = 0, waitNanoseconds: UInt64 = 0) {
      (self.computeNanoseconds, self.waitNanoseconds) = (computeNanoseconds, waitNanoseconds)
    }
  }

  public init(origin: Origin, task: TaskID, gradient: [Float], losses: [Float], timings: Timings = Timings())
  {
    (self.origin, self.task, self.gradient, self.losses) = (origin, task, gradient, losses)
    self.timings = timings
    checksum = Self.checksum(gradient: gradient, losses: losses)
  }

  /// Whether gradient and losses are those that were sent.
  public var isIntact: Bool { checksum == Self.checksum(gradient: gradient, losses: losses) }

  /// XXH3-64 of the losses' bytes, seeded by that of the gradient's: also a result's identity where two results for
  /// one task are compared.
  public static func checksum(gradient: [Float], losses: [Float]) -> UInt64 {
    let seed = gradient.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
    return losses.withUnsafeBytes { XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
  }
}
