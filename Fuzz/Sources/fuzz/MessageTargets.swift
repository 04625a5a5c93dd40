import Foundation
import Messages

/// Every message that crosses a network. What decodes must encode again to bytes that mean the same.
let messageTargets: [FuzzTarget] = [
  message("worker-message", { try WorkerMessage(decoding: $0) }, { $0.encoded() }) { Samples.fromWorker },
  message("coordinator-message", { try CoordinatorMessage(decoding: $0) }, { $0.encoded() }) {
    Samples.fromCoordinator
  },
  message("publisher-request", { try PublisherRequest(decoding: $0) }, { $0.encoded() }) {
    publisherRequests
  },
  message("publisher-reply", { try PublisherReply(decoding: $0) }, { $0.encoded() }) { publisherReplies },
  message("estimator-request", { try EstimatorRequest(decoding: $0) }, { $0.encoded() }) {
    [EstimatorRequest(7, name: "street.png", picture: Array("not a picture".utf8))]
  },
  message("estimator-reply", { try EstimatorReply(decoding: $0) }, { $0.encoded() }) { estimatorReplies },
]

private func message<Message>(
  _ name: String, _ decode: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Message,
  _ encode: @escaping @Sendable (Message) -> [UInt8], samples: @escaping @Sendable () -> [Message]
) -> FuzzTarget {
  FuzzTarget(name: name, seeds: { samples().map(encode) }) { bytes in
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
