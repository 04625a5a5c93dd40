internal import CWire

extension EstimatorRequest {
  /// The request in its wire form.
  public func encoded() -> [UInt8] {
    picture.withUnsafeBytes { bytes in
      let scratch = Scratch()
      let message = scratch.make(wire__to_estimator__init) { (message: inout Wire__ToEstimator) in
        message.protocol_version = UInt32(wireProtocol)
        (message.number, message.name) = (number, scratch.text(name))
        message.picture = ProtobufCBinaryData(borrowing: bytes)
      }
      return withExtendedLifetime(scratch) {
        packed(message, size: wire__to_estimator__get_packed_size, by: wire__to_estimator__pack)
      }
    }
  }

  /// Reads what somebody asked; nothing that the bytes may hold does more harm than the error thrown. Whether they are
  /// a picture is not looked at here.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__to_estimator__unpack, freedBy: wire__to_estimator__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__ToEstimator) throws(MessageError) -> EstimatorRequest {
    try checkProtocol(wire.protocol_version)
    guard (1...largestPicture).contains(wire.picture.len) else {
      throw .wrongLength(field: "picture", expected: "1 to \(largestPicture)", actual: wire.picture.len)
    }
    let picture = UnsafeBufferPointer(start: wire.picture.data, count: wire.picture.len)
    return EstimatorRequest(
      wire.number, name: try Messages.name(wire.name, "name"), picture: Array(picture))
  }
}

extension EstimatorReply {
  /// The reply in its wire form.
  public func encoded() -> [UInt8] {
    let scratch = Scratch()
    let message = scratch.make(wire__from_estimator__init) { (message: inout Wire__FromEstimator) in
      message.protocol_version = UInt32(wireProtocol)
      message.number = number
      fill(&message, scratch)
    }
    return withExtendedLifetime(scratch) {
      packed(message, size: wire__from_estimator__get_packed_size, by: wire__from_estimator__pack)
    }
  }

  private func fill(_ message: inout Wire__FromEstimator, _ scratch: Scratch) {
    switch body {
    case .report(let checkpoint, let json):
      message.body_case = WIRE__FROM_ESTIMATOR__BODY_REPORT
      message.report = scratch.make(wire__kernel_report__init) {
        ($0.checkpoint_sha256, $0.json) = (scratch.text(checkpoint), scratch.text(json))
      }
    case .refusal(let refusal):
      message.body_case = WIRE__FROM_ESTIMATOR__BODY_REFUSAL
      message.refusal = scratch.make(wire__estimator_refusal__init) {
        ($0.reason, $0.explanation) = (refusal.reason.wire, scratch.text(refusal.explanation))
      }
    }
  }

  /// Reads what an estimator answered.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__from_estimator__unpack, freedBy: wire__from_estimator__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__FromEstimator) throws(MessageError) -> EstimatorReply {
    try checkProtocol(wire.protocol_version)
    switch wire.body_case {
    case WIRE__FROM_ESTIMATOR__BODY_REPORT:
      let report = try present(wire.report, "report")
      return EstimatorReply(
        wire.number,
        .report(
          checkpoint: try sha256(report.checkpoint_sha256, "report.checkpoint_sha256"),
          json: report.json.map { String(cString: $0) } ?? ""))
    case WIRE__FROM_ESTIMATOR__BODY_REFUSAL:
      let refusal = try present(wire.refusal, "refusal")
      let reason = try Refusal.Reason(refusal.reason)
      return EstimatorReply(wire.number, .refusal(Refusal(reason, explanation(refusal.explanation))))
    default:
      throw .noBody
    }
  }
}
