internal import Hummingbird
internal import ServiceLifecycle

/// Server-sent events (WHATWG HTML, 9.2): what the board shows, now and whenever it changes, looked at once a second.
struct EventStream: AsyncSequence, Sendable {
  let board: RunsBoard
  private static let heartbeat = Duration.seconds(15)

  struct Iterator: AsyncIteratorProtocol {
    let board: RunsBoard
    var shown: Int?
    var last = ContinuousClock.now

    /// Nil once cancelled.
    mutating func next() async -> ByteBuffer? {
      while !Task.isCancelled {
        let (version, content, _) = board.now
        if version != shown {
          (shown, last) = (version, .now)
          return event("runs", content.all)
        }
        if last.duration(to: .now) >= EventStream.heartbeat {
          last = .now
          return ByteBuffer(string: ":\n\n")
        }
        try? await Task.sleep(for: .seconds(1))
      }
      return nil
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(board: board) }

  /// Goes on until the reader leaves or the service ends.
  var response: Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody(asyncSequence: cancelOnGracefulShutdown()))
  }
}

private func event(_ name: String, _ json: some Sequence<UInt8>) -> ByteBuffer {
  var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
  buffer.writeBytes(json)
  buffer.writeString("\n\n")
  return buffer
}
