import Foundation
import Platform

/// What a command does about signals while this object lives.
final class Signals {
  /// - Parameter interrupt: called for SIGTERM, SIGINT and SIGHUP, which ask for an orderly end; others do nothing.
  convenience init(_ interrupt: @escaping @Sendable () -> Void) { self.init(ending: { _ in interrupt() }) }

  /// - Parameter end: called with SIGTERM, SIGINT and SIGHUP, which ask for an orderly end; others do nothing.
  convenience init(ending end: @escaping @Sendable (Int32) -> Void) {
    self.init(each: { number in if Self.ends(number) { end(number) } })
  }

  /// - Parameter handle: called for SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2.
  init(each handle: @escaping @Sendable (Int32) -> Void) { SignalWatch.handle(handle) }

  /// Whether the signal asks for an orderly end.
  private static func ends(_ number: Int32) -> Bool { [SIGTERM, SIGINT, SIGHUP].contains(number) }

  /// From now on signals have their usual effect.
  func stop() { SignalWatch.handle(nil) }
}
