internal import CWire

extension PublisherRequest {
  /// The request in its wire form.
  public func encoded() -> [UInt8] {
    let scratch = Scratch()
    let message = scratch.make(wire__to_publisher__init) { (message: inout Wire__ToPublisher) in
      message.protocol_version = UInt32(wireProtocol)
      message.number = number
      fill(&message, scratch)
    }
    return withExtendedLifetime(scratch) {
      packed(message, size: wire__to_publisher__get_packed_size, by: wire__to_publisher__pack)
    }
  }

  private func fill(_ message: inout Wire__ToPublisher, _ scratch: Scratch) {
    switch body {
    case .listRuns:
      message.body_case = WIRE__TO_PUBLISHER__BODY_LIST_RUNS
      message.list_runs = scratch.make(wire__list_runs__init) { _ in }
    case .describe(let channel):
      message.body_case = WIRE__TO_PUBLISHER__BODY_DESCRIBE
      message.describe = scratch.make(wire__describe__init) { $0.channel = scratch.text(channel.description) }
    case .watch(let channel, let known, let seconds):
      message.body_case = WIRE__TO_PUBLISHER__BODY_WATCH
      message.watch = scratch.make(wire__watch__init) {
        $0.channel = scratch.text(channel.description)
        if let known { $0.known_sha256 = scratch.text(known) }
        $0.seconds = UInt32(clamping: seconds)
      }
    case .fetch(let file, let offset):
      message.body_case = WIRE__TO_PUBLISHER__BODY_FETCH
      message.fetch = scratch.make(wire__fetch__init) {
        ($0.sha256, $0.offset) = (scratch.text(file), UInt64(offset))
      }
    }
  }

  /// Reads what somebody asked; nothing that the bytes may hold does more harm than the error thrown.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__to_publisher__unpack, freedBy: wire__to_publisher__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__ToPublisher) throws(MessageError) -> PublisherRequest {
    try checkProtocol(wire.protocol_version)
    switch wire.body_case {
    case WIRE__TO_PUBLISHER__BODY_LIST_RUNS:
      return PublisherRequest(wire.number, .listRuns)
    case WIRE__TO_PUBLISHER__BODY_DESCRIBE:
      let describe = try present(wire.describe, "describe")
      return PublisherRequest(wire.number, .describe(try channel(describe.channel, "describe.channel")))
    case WIRE__TO_PUBLISHER__BODY_WATCH:
      return PublisherRequest(wire.number, try watch(try present(wire.watch, "watch")))
    case WIRE__TO_PUBLISHER__BODY_FETCH:
      return PublisherRequest(wire.number, try fetch(try present(wire.fetch, "fetch")))
    default:
      throw .noBody
    }
  }

  private static func watch(_ wire: Wire__Watch) throws(MessageError) -> Body {
    let hasNone = wire.known_sha256.pointee == 0
    return .watch(
      try channel(wire.channel, "watch.channel"),
      known: hasNone ? nil : try sha256(wire.known_sha256, "watch.known_sha256"),
      seconds: try whole(wire.seconds, in: 1...60, "watch.seconds"))
  }

  private static func fetch(_ wire: Wire__Fetch) throws(MessageError) -> Body {
    let offset = try whole(wire.offset, in: 0...ServedCheckpoint.largestFile, "fetch.offset")
    guard offset % chunkSize == 0 else {
      throw .outOfRange(field: "fetch.offset", allowed: "a multiple of \(chunkSize)", actual: "\(offset)")
    }
    return .fetch(file: try sha256(wire.sha256, "fetch.sha256"), offset: offset)
  }

  private static func channel(
    _ text: UnsafePointer<CChar>?, _ field: String
  ) throws(MessageError) -> ChannelName {
    guard let channel = ChannelName(text.map { String(cString: $0) } ?? "") else {
      throw .badText(field: field, expected: ChannelName.expected)
    }
    return channel
  }
}
