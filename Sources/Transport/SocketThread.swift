import Platform

/// The thread that owns a socket.
func socketThread(
  _ name: String, _ body: @escaping @Sendable () -> Void
) throws(TransportError) -> NamedThread {
  do { return try NamedThread(name, body) } catch {
    throw Attempt(.create, "the thread \(name)").error(error.code)
  }
}
