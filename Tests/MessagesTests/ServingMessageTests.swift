import Foundation
import Messages
import Numerics
import Testing

/// What publishers and estimators are asked and answer.
struct ServingMessageTests {
  static let hash = Samples.hash
  static let checkpoint = ServedCheckpoint(
    run: "photos", step: 4000, sha256: hash, size: 1_407_844, written: 1_800_000_000,
    heldOut: .init(psnrBefore: 36.5, psnrAfter: 46.25, tasks: 64))
  static let unevaluated = ServedCheckpoint(run: "b", step: 0, sha256: hash, size: 1, written: 0)

  static let requests: [PublisherRequest] = [
    .init(1, .listRuns), .init(.max, .describe(ChannelName(run: "a", .best))),
    .init(0, .describe(ChannelName(.step(7)))),
    .init(2, .watch(ChannelName(.latest), known: nil, seconds: 60)),
    .init(3, .watch(ChannelName(.sha256(hash)), known: hash, seconds: 1)),
    .init(4, .fetch(file: hash, offset: 3 * PublisherRequest.chunkSize)),
  ]
  static let replies: [PublisherReply] =
    [
      .init(1, .runs([])), .init(2, .runs([ServedRun(name: "a", checkpoints: [checkpoint, unevaluated])])),
      .init(3, .checkpoint(checkpoint)), .init(4, .checkpoint(unevaluated)),
      .init(0, .chunk(.init(file: hash, offset: 0, bytes: Data([1, 2, 3])))),
    ] + PublisherReply.Refusal.Reason.allCases.map { .init(5, .refusal(.init($0, "because"))) }
  static let orders = [EstimatorRequest(8, name: "a.png", picture: [1, 2, 3])]
  static let answers: [EstimatorReply] =
    [.init(8, .report(checkpoint: hash, json: "{\"picture\":\"naïve\"}"))]
    + EstimatorReply.Refusal.Reason.allCases.map { .init(9, .refusal(.init($0, "because"))) }

  @Test func `what is said arrives`() throws {
    for request in Self.requests { #expect(try decode(request.encoded(), PublisherRequest.init) == request) }
    for reply in Self.replies { #expect(try decode(reply.encoded(), PublisherReply.init) == reply) }
    for order in Self.orders { #expect(try decode(order.encoded(), EstimatorRequest.init) == order) }
    for answer in Self.answers { #expect(try decode(answer.encoded(), EstimatorReply.init) == answer) }
  }

  /// Mutants may decode, since not every byte is checked; what decodes must be a message that encodes again.
  @Test func `mutated messages are refused or still messages`() throws {
    var random = Philox(key: 3)
    for _ in 0..<5000 {
      try survive(
        Self.requests.randomElement(using: &random)!.encoded(), using: &random, reading: PublisherRequest.init
      ) {
        $0.encoded()
      }
      try survive(
        Self.replies.randomElement(using: &random)!.encoded(), using: &random, reading: PublisherReply.init
      ) {
        $0.encoded()
      }
      try survive(Self.orders[0].encoded(), using: &random, reading: EstimatorRequest.init) { $0.encoded() }
      try survive(
        Self.answers.randomElement(using: &random)!.encoded(), using: &random, reading: EstimatorReply.init
      ) {
        $0.encoded()
      }
    }
  }

  @Test func `each rule at the door`() {
    refused("watch.seconds is 0, expected 1 to 60") {
      try decode(
        PublisherRequest(1, .watch(ChannelName(.latest), known: nil, seconds: 0)).encoded(),
        PublisherRequest.init)
    }
    refused("watch.seconds is 61, expected 1 to 60") {
      try decode(
        PublisherRequest(1, .watch(ChannelName(.latest), known: nil, seconds: 61)).encoded(),
        PublisherRequest.init)
    }
    refused("fetch.offset is 1, expected a multiple of 262144") {
      try decode(PublisherRequest(1, .fetch(file: Self.hash, offset: 1)).encoded(), PublisherRequest.init)
    }
    refused("fetch.sha256 is not 64 lower-case hexadecimal digits") {
      try decode(PublisherRequest(1, .fetch(file: "x", offset: 0)).encoded(), PublisherRequest.init)
    }
    refused("describe.channel is not [RUN/]latest, best, step:N or sha256:HASH") {
      try decode(
        PublisherRequest(1, .describe(ChannelName(run: "a b", .latest))).encoded(), PublisherRequest.init)
    }
    var huge = Self.checkpoint
    huge.size = ServedCheckpoint.largestFile + 1
    refused("checkpoint.size is 268435457, expected 1 to 268435456") {
      try decode(PublisherReply(1, .checkpoint(huge)).encoded(), PublisherReply.init)
    }
    refused("chunk.data has length 0, expected 1 to 262144") {
      try decode(
        PublisherReply(0, .chunk(.init(file: Self.hash, offset: 0, bytes: Data()))).encoded(),
        PublisherReply.init
      )
    }
    refused("picture has length 0, expected 1 to 67108864") {
      try decode(EstimatorRequest(1, name: "a", picture: []).encoded(), EstimatorRequest.init)
    }
    refused("it is of protocol version 9, expected 3") { try decode([8, 9], EstimatorRequest.init) }
    refused("its envelope holds nothing known") { try decode([8, 3], PublisherRequest.init) }
  }

  @Test(arguments: ["latest", "best", "step:0", "step:4000", "a/best", "a#b/step:1", "a/sha256:\(hash)"])
  func `channels read back`(text: String) throws {
    #expect(try #require(ChannelName(text)).description == text)
  }

  private func survive<Message>(
    _ bytes: [UInt8], using random: inout Philox,
    reading read: (UnsafeRawBufferPointer) throws(MessageError) -> Message, _ write: (Message) -> [UInt8]
  ) throws {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    if let message = try? decode(bytes, read) { _ = try decode(write(message), read) }
  }

  private func refused<Message>(
    _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Message
  ) {
    let error = #expect(throws: MessageError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(
      error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation
    )
  }
}

private func decode<Message>(
  _ bytes: [UInt8], _ read: (UnsafeRawBufferPointer) throws(MessageError) -> Message
) throws -> Message {
  try bytes.withUnsafeBytes { buffer in try read(buffer) }
}
