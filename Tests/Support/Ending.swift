import Foundation

/// How a program ended, with what it said last: a test that expects another ending shows all of it.
///
/// Equal to its exit code, or to the negative of the signal that it died of.
public struct Ending: Sendable, Equatable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  public let code: Int32
  private let output: String, errors: String

  public init(integerLiteral code: Int32) { (self.code, output, errors) = (code, "", "") }

  /// - Parameter process: one that has ended.
  public init(_ process: Process, output: String, errors: String) {
    let status = process.terminationStatus
    code = process.terminationReason == .exit ? status : -status
    (self.output, self.errors) = (Self.end(of: output), Self.end(of: errors))
  }

  public static func died(of signal: Int32) -> Ending { Ending(integerLiteral: -signal) }

  public static func == (one: Ending, other: Ending) -> Bool { one.code == other.code }
  // Where literals could be either, they are endings.
  @_disfavoredOverload
  public static func == (one: Ending, code: some BinaryInteger) -> Bool { one.code == code }

  public var description: String {
    let how =
      code < 0 ? "died of signal \(-code) (\(String(cString: strsignal(-code))))" : "ended with code \(code)"
    let said = [("output", output), ("errors", errors)].filter { !$0.1.isEmpty }
    return how + said.map { "; the end of its standard \($0.0):\n\($0.1)" }.joined()
  }

  private static func end(of text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).suffix(20).joined(separator: "\n")
      .trimmingCharacters(in: .newlines)
  }
}
