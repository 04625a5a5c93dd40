import Foundation
import Messages

/// Every message that crosses a network. What decodes must encode again to bytes that mean the same.
let messageTargets: [FuzzTarget] = [
  message(
    "worker-message", samples: { Samples.fromWorker }, decode: { try WorkerMessage(decoding: $0) },
    encode: { $0.encoded() }),
  message(
    "coordinator-message", samples: { Samples.fromCoordinator },
    decode: { try CoordinatorMessage(decoding: $0) }, encode: { $0.encoded() }),
  message(
    "publisher-request", samples: { publisherRequests }, decode: { try PublisherRequest(decoding: $0) },
    encode: { $0.encoded() }),
  message(
    "publisher-reply", samples: { publisherReplies }, decode: { try PublisherReply(decoding: $0) },
    encode: { $0.encoded() }),
  message(
    "estimator-request",
    samples: { [EstimatorRequest(7, name: "street.png", picture: Array("not a picture".utf8))] },
    decode: { try EstimatorRequest(decoding: $0) }, encode: { $0.encoded() }),
  message(
    "estimator-reply", samples: { estimatorReplies }, decode: { try EstimatorReply(decoding: $0) },
    encode: { $0.encoded() }),
]

private func message<Message>(
  _ name: String, samples: @escaping @Sendable () -> [Message],
  decode: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Message,
  encode: @escaping @Sendable (Message) -> [UInt8]
) -> FuzzTarget {
  FuzzTarget(name: name) {
    samples().map(encode)
  } run: { bytes in
    let encoded = encode(try decode(bytes))
    guard let again = try? encoded.withUnsafeBytes({ encode(try decode($0)) }) else {
      return expect(false, "a message that was decoded can be sent on")
    }
    expect(again == encoded, "a message that is sent on stays the same")
  }
}

private var publisherRequests: [PublisherRequest] {
  [
    PublisherRequest(1, .listRuns), PublisherRequest(2, .describe(ChannelName(.latest))),
    PublisherRequest(3, .watch(ChannelName(run: "mine", .step(12)), known: Samples.hash, seconds: 60)),
    PublisherRequest(4, .fetch(file: Samples.hash, offset: PublisherRequest.chunkSize)),
  ]
}

private var publisherReplies: [PublisherReply] {
  let held = ServedCheckpoint.HeldOut(psnrBefore: 28.5, psnrAfter: 41.25, tasks: 64)
  let plain = ServedCheckpoint(
    run: "mine", step: 12, sha256: Samples.hash, size: 4096, written: 1_700_000_000)
  var measured = plain
  measured.heldOut = held
  return [
    PublisherReply(1, .runs([ServedRun(name: "mine", checkpoints: [plain, measured])])),
    PublisherReply(2, .checkpoint(measured)),
    PublisherReply(
      0, .chunk(PublisherReply.Chunk(file: Samples.hash, offset: 0, bytes: Data("bytes".utf8)))),
  ] + PublisherReply.Refusal.Reason.allCases.map { PublisherReply(4, .refusal(.init($0, "because of this"))) }
}

private var estimatorReplies: [EstimatorReply] {
  [EstimatorReply(1, .report(checkpoint: Samples.hash, json: "{\"kernel\": [[1]]}"))]
    + EstimatorReply.Refusal.Reason.allCases.map { EstimatorReply(2, .refusal(.init($0, "because of this"))) }
}
