/// One round of tasks handed out together: the B tasks of an outer step, or the held-out tasks that measure how far
/// training has come. Both start from the parameters that `step` outer steps have made.
public struct RoundID: Hashable, Sendable {
  public enum Kind: Hashable, Sendable, CaseIterable { case training, evaluation }

  public var kind: Kind
  /// Outer steps done before this round, from 0.
  public var step: Int

  public init(_ kind: Kind, step: Int) { (self.kind, self.step) = (kind, step) }
}

/// A task's place in the run. With the run's seed it determines the task, so any task can be made again anywhere.
public struct TaskID: Hashable, Sendable, CustomStringConvertible {
  public var round: RoundID
  /// From 0 within the round.
  public var index: Int

  public init(_ round: RoundID, _ index: Int) { (self.round, self.index) = (round, index) }

  public var description: String {
    switch round.kind {
    case .training: "task \(index) of step \(round.step)"
    case .evaluation: "task \(index) of the evaluation after \(round.step) steps"
    }
  }
}

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
