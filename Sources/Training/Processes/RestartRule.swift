import Platform

/// Whether a training whose process has ended is started again. It is only where a signal ended it, which is a crash, a
/// full memory or somebody's hand; a process that ended by itself has said why.
package struct RestartRule: Sendable {
  /// Starts again in a row at most.
  package let most: Int
  /// A process that lived so many seconds begins the row anew.
  package static let steadyAfter = 600.0

  private var inRow = 0

  package enum Decision: Equatable, Sendable {
    case end(code: Int)
    /// - Parameters:
    ///   - number: of this start in the row, from 1.
    ///   - pause: seconds to wait before it.
    case startAgain(number: Int, pause: Double)
    /// Too many in a row.
    case giveUp
  }

  package init(most: Int) { self.most = most }

  /// - Parameters:
  ///   - lived: seconds from its start.
  ///   - wasTold: this process was told to end and has passed that on; what ended the child then counts as an orderly
  ///     interruption, code 75.
  package mutating func decide(
    after ending: ChildProcess.Ending, lived: Double, wasTold: Bool
  ) -> Decision {
    switch ending {
    case .exited(let code): return .end(code: code)
    case .killed where wasTold: return .end(code: 75)
    case .killed:
      if lived >= Self.steadyAfter { inRow = 0 }
      guard inRow < most else { return .giveUp }
      inRow += 1
      return .startAgain(number: inRow, pause: min(0.5 * Double(1 << (inRow - 1)), 10))
    }
  }
}
