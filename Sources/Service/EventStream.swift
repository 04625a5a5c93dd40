internal import Hummingbird
import Platform
internal import ServiceLifecycle
import Synchronization

/// Server-sent events (WHATWG HTML, 9.2): what the board shows, now and whenever it changes, looked at once a second. A
/// stream ends when its reader hangs up, and after a while in any case, so that readers nobody looks at give way.
struct EventStream: AsyncSequence, Sendable {
  fileprivate let board: RunsBoard
  fileprivate let place: StreamPlaces.Place
  /// Seconds.
  fileprivate let lifetime: Double
  private static let heartbeat = 15.0

  struct Iterator: AsyncIteratorProtocol {
    let stream: EventStream
    let begin = Deadline.now
    var shown: Int?
    var last = Deadline.now

    /// Nil at the end.
    mutating func next() async -> ByteBuffer? {
      while !Task.isCancelled, !stream.place.isLeft, begin.elapsed < stream.lifetime {
        let (version, content, _) = stream.board.now
        if version != shown {
          (shown, last) = (version, .now)
          return event("runs", content.all)
        }
        if last.elapsed >= EventStream.heartbeat {
          last = .now
          return ByteBuffer(string: ":\n\n")
        }
        try? await Task.sleep(for: .seconds(1))
      }
      return nil
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Goes on until the reader leaves, time is up, or the service ends.
  var response: Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody(asyncSequence: cancelOnGracefulShutdown()))
  }
}

/// How many readers of events there may be: their connections do not end by themselves, so they must not take all.
final class StreamPlaces: Sendable {
  /// One reader's place, given back with the object.
  final class Place: Sendable {
    private let places: StreamPlaces
    private let left = Atomic(false)

    fileprivate init(_ places: StreamPlaces) { self.places = places }

    deinit { places.taken.withLock { $0 -= 1 } }

    var isLeft: Bool { left.load(ordering: .relaxed) }
    func leave() { left.store(true, ordering: .relaxed) }
  }

  private let limits: Limits
  private let taken = Mutex(0)

  init(_ limits: Limits) { self.limits = limits }

  /// - Throws: `Problem` 503, where all places are taken.
  func open(_ board: RunsBoard, _ visit: Visit) throws(Problem) -> EventStream {
    let isFree = taken.withLock { taken -> Bool in
      guard taken < limits.streams else { return false }
      taken += 1
      return true
    }
    guard isFree else {
      throw Problem(
        503,
        "\(limits.streams) readers follow the events already; ask /api/v1/runs now and then, or try again later",
        retryAfter: 30)
    }
    let place = Place(self)
    visit.onHangUp { [weak place] in place?.leave() }
    return EventStream(board: board, place: place, lifetime: limits.stream)
  }
}

private func event(_ name: String, _ json: some Sequence<UInt8>) -> ByteBuffer {
  var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
  buffer.writeBytes(json)
  buffer.writeString("\n\n")
  return buffer
}
