import Platform

/// One line at the bottom of a terminal that is drawn over again and again, on standard error.
struct StatusLine {
  private var length = 0

  mutating func show(_ text: String) {
    let padding = String(repeating: " ", count: max(length - text.count, 0))
    StandardStream.errors.offer("\r" + text + padding)
    length = text.count
  }

  /// Removes it, so that other lines can be written.
  mutating func clear() {
    if length > 0 { StandardStream.errors.offer("\r" + String(repeating: " ", count: length) + "\r") }
    length = 0
  }
}
