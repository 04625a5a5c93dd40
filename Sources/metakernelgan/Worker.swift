import Platform

/// A thread that computes, and can be waited for. Where the system has no thread left, `join` computes instead.
final class Worker: Sendable {
  private let thread: NamedThread?
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    thread = try? NamedThread("compute", body)
    self.body = body
  }

  /// To be called once.
  func join() { if let thread { thread.join() } else { body() } }
}
