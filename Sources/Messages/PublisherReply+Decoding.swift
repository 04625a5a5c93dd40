internal import CWire
import Foundation

extension PublisherReply {
  /// Reads what a publisher answered; nothing that the bytes may hold does more harm than the error thrown.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__from_publisher__unpack, freedBy: wire__from_publisher__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__FromPublisher) throws(MessageError) -> PublisherReply {
    try checkProtocol(wire.protocol_version)
    switch wire.body_case {
    case WIRE__FROM_PUBLISHER__BODY_RUN_LIST:
      let list = try present(wire.run_list, "run_list")
      let runs = UnsafeBufferPointer(start: list.runs, count: list.n_runs)
      return PublisherReply(
        wire.number, .runs(try runs.all { (run) throws(MessageError) in try ServedRun(run) }))
    case WIRE__FROM_PUBLISHER__BODY_CHECKPOINT:
      return PublisherReply(wire.number, .checkpoint(try ServedCheckpoint(wire.checkpoint)))
    case WIRE__FROM_PUBLISHER__BODY_CHUNK:
      return PublisherReply(wire.number, .chunk(try Chunk(taking: wire.chunk)))
    case WIRE__FROM_PUBLISHER__BODY_REFUSAL:
      let refusal = try present(wire.refusal, "refusal")
      let reason = try Refusal.Reason(refusal.reason)
      return PublisherReply(wire.number, .refusal(Refusal(reason, explanation(refusal.explanation))))
    default:
      throw .noBody
    }
  }
}

extension PublisherReply.Chunk {
  /// Takes the data over instead of copying it; protobuf-c got its memory from `malloc`.
  fileprivate init(taking pointer: UnsafeMutablePointer<Wire__Chunk>?) throws(MessageError) {
    let wire = try present(pointer, "chunk")
    guard (1...PublisherRequest.chunkSize).contains(wire.data.len) else {
      throw .wrongLength(
        field: "chunk.data", expected: "1 to \(PublisherRequest.chunkSize)", actual: wire.data.len)
    }
    let file = try sha256(wire.sha256, "chunk.sha256")
    let offset = try whole(wire.offset, in: 0...ServedCheckpoint.largestFile, "chunk.offset")
    pointer?.pointee.data = ProtobufCBinaryData(len: 0, data: nil)
    let bytes = Data(bytesNoCopy: wire.data.data, count: wire.data.len, deallocator: .free)
    self.init(file: file, offset: offset, bytes: bytes)
  }
}

extension ServedRun {
  fileprivate init(_ pointer: UnsafeMutablePointer<Wire__ServedRun>?) throws(MessageError) {
    let wire = try present(pointer, "served_run")
    let checkpoints = UnsafeBufferPointer(start: wire.checkpoints, count: wire.n_checkpoints)
    self.init(
      name: try Messages.name(wire.name, "served_run.name"),
      checkpoints: try checkpoints.all { (checkpoint) throws(MessageError) in try ServedCheckpoint(checkpoint)
      })
  }
}

extension ServedCheckpoint {
  fileprivate init(_ pointer: UnsafeMutablePointer<Wire__ServedCheckpoint>?) throws(MessageError) {
    let wire = try present(pointer, "checkpoint")
    self.init(
      run: try name(wire.run, "checkpoint.run"), step: try count(wire.step, "checkpoint.step"),
      sha256: try Messages.sha256(wire.sha256, "checkpoint.sha256"),
      size: try whole(wire.size, in: 1...Self.largestFile, "checkpoint.size"),
      written: try whole(wire.written, in: 0...Int(largestCount), "checkpoint.written"),
      heldOut: wire.held_out.map { HeldOut($0.pointee) })
  }
}

extension ServedCheckpoint.HeldOut {
  fileprivate init(_ wire: Wire__HeldOut) {
    self.init(psnrBefore: wire.psnr_before, psnrAfter: wire.psnr_after, tasks: Int(wire.tasks))
  }
}

extension UnsafeBufferPointer {
  fileprivate func all<Result>(
    _ transform: (Element) throws(MessageError) -> Result
  ) throws(MessageError) -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try transform(element)) }
    return results
  }
}
