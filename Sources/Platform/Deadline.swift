import Foundation

/// A moment of the monotonic clock (CLOCK_MONOTONIC), which nobody sets and which stands still while the machine sleeps.
/// Whatever waits or measures uses it; the wall clock is for what people read.
package struct Deadline: Comparable, Sendable {
  /// Since an arbitrary moment, the machine's start.
  private var nanoseconds: Int

  private static let nanosecondsPerSecond = 1_000_000_000
  /// About 292 years: what is farther away never comes.
  private static let never = Double(Int.max / nanosecondsPerSecond)

  package static var now: Deadline {
    var time = Foundation.timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Deadline(nanoseconds: time.tv_sec * nanosecondsPerSecond + time.tv_nsec)
  }

  /// - Parameter seconds: from now on; negative for a moment that has passed, infinite or not a number for one that never comes.
  package static func after(_ seconds: Double) -> Deadline { now.adding(seconds) }

  /// Seconds from this moment until now.
  package var elapsed: Double { Deadline.now.seconds(since: self) }

  // Methods, not operators: further overloads of + and - slow the type checker down in every file that imports this.
  package func adding(_ seconds: Double) -> Deadline {
    let limited = seconds.isNaN ? Self.never : min(max(seconds, -Self.never), Self.never)
    let span = Int(exactly: (limited * Double(Self.nanosecondsPerSecond)).rounded()) ?? .max
    let (sum, overflow) = nanoseconds.addingReportingOverflow(span)
    return Deadline(nanoseconds: overflow ? (seconds < 0 ? 0 : .max) : sum)
  }

  /// Negative where `other` comes later.
  package func seconds(since other: Deadline) -> Double {
    Double(nanoseconds - other.nanoseconds) / Double(Self.nanosecondsPerSecond)
  }

  package static func < (one: Deadline, other: Deadline) -> Bool { one.nanoseconds < other.nanoseconds }

  var timespec: Foundation.timespec {
    Foundation.timespec(
      tv_sec: nanoseconds / Self.nanosecondsPerSecond, tv_nsec: nanoseconds % Self.nanosecondsPerSecond)
  }
}
