import ArgumentParser
import Transport

extension Address {
  /// Ends a command with 64 and one sentence where an option's value is no address. Nil and `off` are none to check.
  static func require(_ text: String?, for purpose: Purpose) throws {
    guard let text, text != "off" else { return }
    do { _ = try Address(text, for: purpose) } catch { throw ValidationError("\(error)") }
  }
}
