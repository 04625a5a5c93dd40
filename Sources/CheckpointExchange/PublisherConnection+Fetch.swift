import Foundation
import Messages
import Platform

extension PublisherConnection {
  private static let chunk = PublisherRequest.chunkSize
  /// Chunks asked for and not yet there: enough to keep the line busy.
  private static let window = 4
  /// After so long without a chunk those that are missing are asked for again.
  private static let pause = 5.0

  /// Fetches a file from `offset` on, in order, over as many connections as it takes.
  ///
  /// - Parameters:
  ///   - size: of the whole file.
  ///   - patience: in seconds, without any byte.
  ///   - take: gets each chunk. Nothing is verified here.
  /// - Throws: `ExchangeError.stalled`, `.refused`, `.notAPublisher`, `.closed`, and what `take` throws.
  func fetch(
    _ file: String, from offset: Int, size: Int, patience: Double,
    _ take: (Data) throws(ExchangeError) -> Void
  ) throws(ExchangeError) {
    var done = offset
    var asked = Window(next: offset)
    var lastProgress = Deadline.now
    while done < size {
      let end = lastProgress.adding(patience)
      while asked.next < min(size, done + Self.window * Self.chunk) {
        guard
          let number = try send(.fetch(file: file, offset: asked.next), until: end)
        else { break }
        asked.note(number)
      }
      let pause = min(end, Deadline.after(Self.pause))
      switch try reply(until: pause, { asked.contains($0, file, at: done) }) {
      case .chunk(let chunk):
        guard chunk.bytes.count == min(Self.chunk, size - done) else {
          throw .notAPublisher(endpoint: endpoint, cause: "it sent a chunk of \(chunk.bytes.count) bytes")
        }
        try take(chunk.bytes)
        done += chunk.bytes.count
        lastProgress = .now
      case .refusal(let refusal): throw refused(refusal)
      default:
        guard Deadline.now < end else {
          throw .stalled(endpoint: endpoint, received: done, size: size, seconds: Int(patience.rounded()))
        }
        asked = Window(next: done)
      }
    }
  }

  /// What has been asked for.
  private struct Window {
    var next: Int
    private var numbers: ClosedRange<UInt64>?

    init(next: Int) { self.next = next }

    mutating func note(_ number: UInt64) {
      numbers = (numbers?.lowerBound ?? number)...number
      next += PublisherRequest.chunkSize
    }

    /// Chunks come in the order they were asked for; one that was dropped on the way is asked for again after a pause,
    /// and what comes out of turn is dropped.
    func contains(_ reply: PublisherReply, _ file: String, at offset: Int) -> Bool {
      switch reply.body {
      case .chunk(let chunk): chunk.file == file && chunk.offset == offset
      case .refusal: numbers?.contains(reply.number) ?? false
      case .runs, .checkpoint: false
      }
    }
  }
}
