internal import CWire

extension PublisherReply {
  /// The reply in its wire form.
  public func encoded() -> [UInt8] {
    if case .chunk(let chunk) = body {
      return chunk.bytes.withUnsafeBytes { Self.chunk($0, at: chunk.offset, of: chunk.file) }
    }
    return envelope { message, scratch in fill(&message, scratch) }
  }

  /// A chunk packed straight from where its bytes are.
  ///
  /// - Parameters:
  ///   - offset: of the first byte within the file.
  ///   - file: the file's SHA-256.
  public static func chunk(_ bytes: UnsafeRawBufferPointer, at offset: Int, of file: String) -> [UInt8] {
    PublisherReply(0, .runs([])).envelope { message, scratch in
      message.body_case = WIRE__FROM_PUBLISHER__BODY_CHUNK
      message.chunk = scratch.make(wire__chunk__init) {
        ($0.sha256, $0.offset) = (scratch.text(file), UInt64(offset))
        $0.data = ProtobufCBinaryData(borrowing: bytes)
      }
    }
  }

  private func envelope(_ fill: (inout Wire__FromPublisher, Scratch) -> Void) -> [UInt8] {
    let scratch = Scratch()
    let message = scratch.make(wire__from_publisher__init) { (message: inout Wire__FromPublisher) in
      message.protocol_version = UInt32(wireProtocol)
      message.number = number
      fill(&message, scratch)
    }
    return withExtendedLifetime(scratch) {
      packed(message, size: wire__from_publisher__get_packed_size, by: wire__from_publisher__pack)
    }
  }

  private func fill(_ message: inout Wire__FromPublisher, _ scratch: Scratch) {
    switch body {
    case .runs(let runs):
      message.body_case = WIRE__FROM_PUBLISHER__BODY_RUN_LIST
      message.run_list = scratch.make(wire__run_list__init) {
        $0.n_runs = runs.count
        $0.runs = scratch.repeated(runs.map { $0.wire(scratch) })
      }
    case .checkpoint(let checkpoint):
      message.body_case = WIRE__FROM_PUBLISHER__BODY_CHECKPOINT
      message.checkpoint = checkpoint.wire(scratch)
    case .chunk: break
    case .refusal(let refusal):
      message.body_case = WIRE__FROM_PUBLISHER__BODY_REFUSAL
      message.refusal = scratch.make(wire__publisher_refusal__init) {
        ($0.reason, $0.explanation) = (refusal.reason.wire, scratch.text(refusal.explanation))
      }
    }
  }
}

extension ServedRun {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__ServedRun>? {
    let newest = checkpoints.suffix(Self.mostCheckpoints)
    return scratch.make(wire__served_run__init) {
      $0.name = scratch.text(name)
      $0.n_checkpoints = newest.count
      $0.checkpoints = scratch.repeated(newest.map { .some($0.wire(scratch)) })
    }
  }
}

extension ServedCheckpoint {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__ServedCheckpoint> {
    scratch.make(wire__served_checkpoint__init) {
      ($0.run, $0.step, $0.sha256) = (scratch.text(run), UInt64(step), scratch.text(sha256))
      ($0.size, $0.written) = (UInt64(size), Int64(written))
      $0.held_out = heldOut.map { heldOut in
        scratch.make(wire__held_out__init) {
          ($0.psnr_before, $0.psnr_after) = (heldOut.psnrBefore, heldOut.psnrAfter)
          $0.tasks = UInt32(clamping: heldOut.tasks)
        }
      }
    }
  }
}
