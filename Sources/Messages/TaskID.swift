/// One round of tasks handed out together: the B tasks of an outer step, or the held-out tasks that measure how far
/// training has come. Both start from the parameters that `step` outer steps have made.
public struct RoundID: Hashable, Sendable {
  public enum Kind: Hashable, Sendable, CaseIterable { case training, evaluation }

  public var kind: Kind
  /// Outer steps done before this round, from 0.
  public var step: Int

  public init(_ kind: Kind, step: Int) { (self.kind, self.step) = (kind, step) }
}

/// The place in the run of a unit of work: one task, or a block of consecutive ones. With the run's seed it determines the
/// tasks, so any unit can be made again anywhere.
public struct TaskID: Hashable, Sendable, CustomStringConvertible {
  public var round: RoundID
  /// From 0 within the round: of the task or, where the unit is a block, of the block.
  public var index: Int
  /// Tasks of the unit, 1 to `largestBlock`.
  public var block: Int

  public init(_ round: RoundID, _ index: Int, block: Int = 1) {
    (self.round, self.index, self.block) = (round, index, block)
  }

  /// The indices of the unit's tasks within the round.
  public var tasks: Range<Int> { index * block..<(index + 1) * block }

  public var description: String {
    let place =
      switch round.kind {
      case .training: "step \(round.step)"
      case .evaluation: "the evaluation after \(round.step) steps"
      }
    return block == 1
      ? "task \(index) of \(place)"
      : "block \(index) of \(place) (tasks \(tasks.lowerBound) to \(tasks.upperBound - 1))"
  }
}

/// The most tasks of a block.
public let largestBlock = 128

/// Which run, which life of its coordinator and which parameters something belongs to. A result counts only where
/// all three match.
public struct Origin: Hashable, Sendable {
  public var run: String
  /// Raised by each coordinator that takes the run over, from 1.
  public var incarnation: Int
  /// SHA-256 of the parameters, 64 lower-case hexadecimal digits.
  public var parameters: String

  public init(run: String, incarnation: Int, parameters: String) {
    (self.run, self.incarnation, self.parameters) = (run, incarnation, parameters)
  }
}
