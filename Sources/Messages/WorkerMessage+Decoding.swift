internal import CWire

extension WorkerMessage {
  /// Reads what a worker sent. Nothing that the bytes may hold does more harm than the error thrown; a result's
  /// checksum is not compared here (`TaskResult.isIntact`), so that a damaged one can still be told by its task.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__from_worker__unpack, freedBy: wire__from_worker__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__FromWorker) throws(MessageError) -> WorkerMessage {
    try checkProtocol(wire.protocol_version)
    switch wire.body_case {
    case WIRE__FROM_WORKER__BODY_REGISTRATION:
      return .registration(try Registration(try present(wire.registration, "registration")))
    case WIRE__FROM_WORKER__BODY_CANARY_RESULT:
      return .canary(hash: try present(wire.canary_result, "canary_result").hash)
    case WIRE__FROM_WORKER__BODY_HEARTBEAT:
      return .heartbeat(try Work(ifPresent: try present(wire.heartbeat, "heartbeat").work))
    case WIRE__FROM_WORKER__BODY_TASK_RESULT:
      return .result(try TaskResult(try present(wire.task_result, "task_result")))
    case WIRE__FROM_WORKER__BODY_REPORT:
      let report = try present(wire.report, "report")
      return .report(WorkerReport(try WorkerReport.Level(report.level), explanation(report.text)))
    case WIRE__FROM_WORKER__BODY_GOODBYE:
      return .goodbye
    default:
      throw .noBody
    }
  }
}

extension Registration {
  fileprivate init(_ wire: Wire__Registration) throws(MessageError) {
    self.init(
      worker: try name(wire.worker, "registration.worker"),
      programVersion: try name(wire.program_version, "registration.program_version"),
      architecture: try sha256(wire.architecture_sha256, "registration.architecture_sha256"),
      host: try name(wire.host, "registration.host"), process: Int(wire.pid),
      cores: try whole(wire.cores, in: 1...1024, "registration.cores"),
      instructionSet: try name(wire.instruction_set, "registration.instruction_set"),
      secret: try optionalName(wire.secret, "registration.secret"), crash: try Crash(ifPresent: wire.crash))
  }
}

extension Crash {
  fileprivate init?(ifPresent wire: UnsafeMutablePointer<Wire__Crash>?) throws(MessageError) {
    guard let wire = wire?.pointee else { return nil }
    self.init(
      number: try count(wire.number, from: 1, "crash.number"),
      signal: try whole(wire.signal, in: 1...64, "crash.signal"), run: try name(wire.run, "crash.run"),
      task: try TaskID(wire.task, "crash.task"))
  }
}

extension Work {
  fileprivate init?(ifPresent wire: UnsafeMutablePointer<Wire__Work>?) throws(MessageError) {
    guard let wire = wire?.pointee else { return nil }
    self.init(task: try TaskID(wire.task, "work.task"), stepsDone: Int(wire.steps_done))
  }
}

extension TaskResult {
  fileprivate init(_ wire: Wire__TaskResult) throws(MessageError) {
    origin = try Origin(wire.origin)
    task = try TaskID(wire.task, "task_result.task")
    gradient = try floats(wire.gradient, "task_result.gradient")
    losses = try floats(wire.losses, "task_result.losses")
    checksum = wire.checksum
    timings = Timings(computeNanoseconds: wire.compute_nanoseconds, waitNanoseconds: wire.wait_nanoseconds)
  }
}
