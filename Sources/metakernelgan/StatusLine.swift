import Foundation

/// One line at the bottom of a terminal that is drawn over again and again, on standard error.
struct StatusLine {
  private var length = 0

  mutating func show(_ text: String) {
    write("\r" + text.padding(toLength: max(text.count, length), withPad: " ", startingAt: 0))
    length = text.count
  }

  /// Removes it, so that other lines can be written.
  mutating func clear() {
    if length > 0 { write("\r" + String(repeating: " ", count: length) + "\r") }
    length = 0
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
