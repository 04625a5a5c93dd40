internal import CWire

extension WorkerMessage {
  /// The message in its wire form.
  public func encoded() -> [UInt8] {
    switch self {
    case .registration(let registration):
      envelope { scratch, message in
        message.body_case = WIRE__FROM_WORKER__BODY_REGISTRATION
        message.registration = registration.wire(scratch)
      }
    case .canary(let hash):
      envelope { scratch, message in
        message.body_case = WIRE__FROM_WORKER__BODY_CANARY_RESULT
        message.canary_result = scratch.make(wire__canary_result__init) { $0.hash = hash }
      }
    case .heartbeat(let work):
      envelope { scratch, message in
        message.body_case = WIRE__FROM_WORKER__BODY_HEARTBEAT
        message.heartbeat = scratch.make(wire__heartbeat__init) { $0.work = work?.wire(scratch) }
      }
    case .result(let result):
      result.gradient.withUnsafeBytes { gradient in
        envelope { scratch, message in
          message.body_case = WIRE__FROM_WORKER__BODY_TASK_RESULT
          message.task_result = result.wire(scratch, gradient)
        }
      }
    case .report(let report):
      envelope { scratch, message in
        message.body_case = WIRE__FROM_WORKER__BODY_REPORT
        message.report = scratch.make(wire__report__init) {
          $0.level = report.level.wire
          $0.text = scratch.text(report.text)
        }
      }
    case .goodbye:
      envelope { scratch, message in
        message.body_case = WIRE__FROM_WORKER__BODY_GOODBYE
        message.goodbye = scratch.make(wire__goodbye__init) { _ in }
      }
    }
  }

  private func envelope(_ fill: (Scratch, inout Wire__FromWorker) -> Void) -> [UInt8] {
    let scratch = Scratch()
    let message = scratch.make(wire__from_worker__init) {
      $0.protocol_version = UInt32(wireProtocol)
      fill(scratch, &$0)
    }
    return withExtendedLifetime(scratch) {
      packed(message, size: wire__from_worker__get_packed_size, by: wire__from_worker__pack)
    }
  }
}

extension Registration {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__Registration> {
    scratch.make(wire__registration__init) {
      $0.worker = scratch.text(worker)
      $0.program_version = scratch.text(programVersion)
      $0.architecture_sha256 = scratch.text(architecture)
      $0.host = scratch.text(host)
      $0.pid = UInt32(process)
      $0.cores = UInt32(cores)
      $0.instruction_set = scratch.text(instructionSet)
      $0.secret = scratch.text(secret)
      $0.crash = crash?.wire(scratch)
    }
  }
}

extension Crash {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__Crash> {
    scratch.make(wire__crash__init) {
      $0.number = UInt64(number)
      $0.signal = UInt32(signal)
      $0.run = scratch.text(run)
      $0.task = task.wire(scratch)
    }
  }
}

extension Work {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__Work> {
    scratch.make(wire__work__init) {
      $0.task = task.wire(scratch)
      $0.steps_done = UInt32(stepsDone)
    }
  }
}

extension TaskResult {
  /// - Parameter bytes: the gradient's, which may be half a megabyte, in place.
  fileprivate func wire(
    _ scratch: Scratch, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<Wire__TaskResult> {
    scratch.make(wire__task_result__init) {
      $0.origin = origin.wire(scratch)
      $0.task = task.wire(scratch)
      $0.gradient = ProtobufCBinaryData(borrowing: bytes)
      $0.losses = scratch.floats(losses)
      $0.checksum = checksum
      $0.compute_nanoseconds = timings.computeNanoseconds
      $0.wait_nanoseconds = timings.waitNanoseconds
    }
  }
}
