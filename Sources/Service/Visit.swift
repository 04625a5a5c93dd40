internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// What is known of a request beside itself.
struct Visit: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// The sender's address, as limits are counted by it.
  let client: String

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
    client = Clients.name(of: source.channel.remoteAddress)
  }

  /// The connection ends then, whatever it is at.
  func cutOff(afterSeconds seconds: Int) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) { [channel] in channel.close(promise: nil) }
  }
}

/// Writes in pieces, and ends the connection of whoever does not take one in time: else those who ask and do not read
/// would hold what they asked for in memory.
struct PacedWriter: ResponseBodyWriter {
  var writer: any ResponseBodyWriter
  let visit: Visit
  let seconds: Int

  static let piece = 128 << 10

  mutating func write(_ buffer: ByteBuffer) async throws {
    var rest = buffer
    while let piece = rest.readSlice(length: min(rest.readableBytes, Self.piece)), piece.readableBytes > 0 {
      let end = visit.cutOff(afterSeconds: seconds)
      defer { end.cancel() }
      try await writer.write(piece)
    }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await writer.finish(trailingHeaders)
  }
}

extension Response {
  /// In pieces, where it is more than one.
  func paced(_ visit: Visit, seconds: Int) -> Response {
    if let length = body.contentLength, length <= PacedWriter.piece { return self }
    var response = self
    response.body = ResponseBody(contentLength: body.contentLength) { [body] writer in
      try await body.write(PacedWriter(writer: writer, visit: visit, seconds: seconds))
    }
    return response
  }
}
