internal import CWire

extension CoordinatorMessage {
  /// Reads what the coordinator sent; nothing that the bytes may hold does more harm than the error thrown.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
    self = try withUnpacked(
      bytes, by: wire__from_coordinator__unpack, freedBy: wire__from_coordinator__free_unpacked, Self.message)
  }

  private static func message(_ wire: Wire__FromCoordinator) throws(MessageError) -> CoordinatorMessage {
    try checkProtocol(wire.protocol_version)
    switch wire.body_case {
    case WIRE__FROM_COORDINATOR__BODY_WELCOME:
      return .welcome(try Welcome(try present(wire.welcome, "welcome")))
    case WIRE__FROM_COORDINATOR__BODY_PARAMETERS:
      return .parameters(try Parameters(try present(wire.parameters, "parameters")))
    case WIRE__FROM_COORDINATOR__BODY_TASK:
      return .task(try TaskOrder(try present(wire.task, "task")))
    case WIRE__FROM_COORDINATOR__BODY_CANCELLATION:
      return .cancel(try TaskID(try present(wire.cancellation, "cancellation").task, "cancellation.task"))
    case WIRE__FROM_COORDINATOR__BODY_REGISTER_AGAIN:
      return .registerAgain
    case WIRE__FROM_COORDINATOR__BODY_REJECTION:
      let rejection = try present(wire.rejection, "rejection")
      return .rejection(
        Rejection(try Rejection.Reason(rejection.reason), explanation(rejection.explanation)))
    case WIRE__FROM_COORDINATOR__BODY_SHUTDOWN:
      return .shutdown(try ShutdownReason(try present(wire.shutdown, "shutdown").reason))
    default:
      throw .noBody
    }
  }
}

extension Welcome {
  fileprivate init(_ wire: Wire__Welcome) throws(MessageError) {
    self.init(
      run: try name(wire.run, "welcome.run"),
      incarnation: try count(wire.incarnation, from: 1, "welcome.incarnation"),
      innerLoop: try InnerLoopSettings(try present(wire.inner_loop, "inner_loop")),
      canary: try Canary(try present(wire.canary, "canary")),
      gradientBound: try positive(wire.gradient_bound, "welcome.gradient_bound"))
  }
}

extension InnerLoopSettings {
  fileprivate init(_ wire: Wire__InnerLoop) throws(MessageError) {
    let steps = try whole(wire.adaptation_steps, in: 0...10_000, "inner_loop.adaptation_steps")
    self.init(
      adaptationSteps: steps,
      evaluationInterval: try whole(
        wire.evaluation_interval, in: 1...max(steps, 1), "inner_loop.evaluation_interval"),
      generatorRate: try setting(wire.generator_rate, "inner_loop.generator_rate"),
      discriminatorRate: try setting(wire.discriminator_rate, "inner_loop.discriminator_rate"),
      sumToOneWeight: try setting(wire.sum_to_one_weight, "inner_loop.sum_to_one_weight"),
      noise: try setting(wire.noise, "inner_loop.noise"),
      metaKernelWeight: try setting(wire.meta_kernel_weight, "inner_loop.meta_kernel_weight"),
      metaAdversarialWeight: try setting(wire.meta_adversarial_weight, "inner_loop.meta_adversarial_weight"),
      metaSumToOneWeight: try setting(wire.meta_sum_to_one_weight, "inner_loop.meta_sum_to_one_weight"),
      real: try Real(wire.real), foreseenScale: try scale(wire.foreseen_scale),
      thinning: try share(wire.thinning, "inner_loop.thinning"),
      shrinking: try number(wire.shrinking, in: 1...4, "inner_loop.shrinking"),
      jpegShare: try number(wire.jpeg_share, in: 0...1, "inner_loop.jpeg_share"),
      softening: try number(wire.softening, in: 0...1, "inner_loop.softening"))
  }
}

private func scale(_ value: UInt32) throws(MessageError) -> Int {
  guard [0, 2, 4].contains(value) else {
    throw .outOfRange(field: "inner_loop.foreseen_scale", allowed: "0, 2 or 4", actual: "\(value)")
  }
  return Int(value)
}

extension Canary {
  fileprivate init(_ wire: Wire__Canary) throws(MessageError) {
    self.init(
      content: try TaskContent(wire.content, "canary.content"), parametersKey: wire.parameters_key,
      adaptationSteps: try whole(wire.adaptation_steps, in: 1...10_000, "canary.adaptation_steps"))
  }
}

extension Parameters {
  fileprivate init(_ wire: Wire__Parameters) throws(MessageError) {
    self.init(
      origin: try Origin(wire.origin), step: try count(wire.step, "parameters.step"),
      values: try floats(wire.values, "parameters.values"))
  }
}

extension TaskOrder {
  fileprivate init(_ wire: Wire__Task) throws(MessageError) {
    let sentAhead = wire.parameters_sha256.pointee == 0
    let id = try TaskID(wire.id, "task.id")
    guard wire.n_contents == id.block else {
      throw .wrongLength(field: "task.contents", expected: "\(id.block)", actual: wire.n_contents)
    }
    var contents: [TaskContent] = []
    for pointer in UnsafeBufferPointer(start: wire.contents, count: wire.n_contents) {
      contents.append(try TaskContent(pointer, "task.content"))
    }
    self.init(
      run: try name(wire.run, "task.run"),
      incarnation: try count(wire.incarnation, from: 1, "task.incarnation"), id: id,
      parameters: sentAhead ? nil : try sha256(wire.parameters_sha256, "task.parameters_sha256"),
      contents: contents)
  }
}

extension TaskContent {
  fileprivate init(
    _ pointer: UnsafeMutablePointer<Wire__TaskContent>?, _ field: String
  ) throws(MessageError) {
    let wire = try present(pointer, field)
    let side = try whole(wire.side, in: 1...1024, "\(field).side")
    let weights = UnsafeBufferPointer(start: wire.interval_weights, count: wire.n_interval_weights)
    self.init(
      side: side, pixels: try bytes(wire.pixels, count: side * side * 3, "\(field).pixels"),
      kernel: try square(wire.kernel, "\(field).kernel"), key: wire.key,
      intervalWeights: try finiteFloats(weights, count: 1...64, "\(field).interval_weights"),
      kernelNoise: try setting(wire.kernel_noise, "\(field).kernel_noise"),
      imageNoise: try setting(wire.image_noise, "\(field).image_noise"))
  }
}

/// A square of finite floats, at most 31x31.
private func square(_ data: ProtobufCBinaryData, _ field: String) throws(MessageError) -> [Float] {
  let values = try finiteFloats(try floats(data, field), count: 1...961, field)
  let side = Int(Double(values.count).squareRoot())
  guard side * side == values.count else {
    throw .wrongLength(field: field, expected: "a square", actual: values.count)
  }
  return values
}
