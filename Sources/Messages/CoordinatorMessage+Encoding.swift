internal import CWire

extension CoordinatorMessage {
  /// The message in its wire form.
  public func encoded() -> [UInt8] {
    switch self {
    case .welcome(let welcome):
      welcome.canary.content.pixels.withUnsafeBytes { pixels in
        envelope(WIRE__FROM_COORDINATOR__BODY_WELCOME) { $1.welcome = welcome.wire($0, pixels) }
      }
    case .parameters(let parameters):
      parameters.values.withUnsafeBytes { values in
        envelope(WIRE__FROM_COORDINATOR__BODY_PARAMETERS) { $1.parameters = parameters.wire($0, values) }
      }
    case .task(let order):
      order.withPixels { pixels in
        envelope(WIRE__FROM_COORDINATOR__BODY_TASK) { $1.task = order.wire($0, pixels) }
      }
    case .cancel(let task):
      envelope(WIRE__FROM_COORDINATOR__BODY_CANCELLATION) { scratch, message in
        message.cancellation = scratch.make(wire__cancellation__init) { $0.task = task.wire(scratch) }
      }
    case .registerAgain:
      envelope(WIRE__FROM_COORDINATOR__BODY_REGISTER_AGAIN) {
        $1.register_again = $0.make(wire__register_again__init) { _ in }
      }
    case .rejection(let rejection):
      envelope(WIRE__FROM_COORDINATOR__BODY_REJECTION) { $1.rejection = rejection.wire($0) }
    case .shutdown(let reason):
      envelope(WIRE__FROM_COORDINATOR__BODY_SHUTDOWN) {
        $1.shutdown = $0.make(wire__shutdown__init) { $0.reason = reason.wire }
      }
    }
  }

  private func envelope(
    _ body: Wire__FromCoordinator__BodyCase, _ fill: (Scratch, inout Wire__FromCoordinator) -> Void
  ) -> [UInt8] {
    let scratch = Scratch()
    let message = scratch.make(wire__from_coordinator__init) {
      $0.protocol_version = UInt32(wireProtocol)
      $0.body_case = body
      fill(scratch, &$0)
    }
    return withExtendedLifetime(scratch) {
      packed(message, size: wire__from_coordinator__get_packed_size, by: wire__from_coordinator__pack)
    }
  }
}

extension Welcome {
  fileprivate func wire(
    _ scratch: Scratch, _ pixels: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<Wire__Welcome> {
    scratch.make(wire__welcome__init) {
      $0.run = scratch.text(run)
      $0.incarnation = UInt64(incarnation)
      $0.inner_loop = innerLoop.wire(scratch)
      $0.canary = scratch.make(wire__canary__init) {
        $0.content = canary.content.wire(scratch, pixels)
        $0.parameters_key = canary.parametersKey
        $0.adaptation_steps = UInt32(canary.adaptationSteps)
      }
      $0.gradient_bound = gradientBound
    }
  }
}

extension InnerLoopSettings {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__InnerLoop> {
    scratch.make(wire__inner_loop__init) {
      $0.adaptation_steps = UInt32(adaptationSteps)
      $0.evaluation_interval = UInt32(evaluationInterval)
      $0.generator_rate = generatorRate
      $0.discriminator_rate = discriminatorRate
      $0.sum_to_one_weight = sumToOneWeight
      $0.noise = noise
      $0.meta_kernel_weight = metaKernelWeight
      $0.meta_adversarial_weight = metaAdversarialWeight
      $0.meta_sum_to_one_weight = metaSumToOneWeight
      $0.real = real.wire
      $0.foreseen_scale = UInt32(foreseenScale)
      $0.thinning = thinning
      $0.shrinking = shrinking
      $0.jpeg_share = jpegShare
      $0.softening = softening
    }
  }
}

extension Parameters {
  fileprivate func wire(
    _ scratch: Scratch, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<Wire__Parameters> {
    scratch.make(wire__parameters__init) {
      $0.origin = origin.wire(scratch)
      $0.step = UInt64(step)
      $0.values = ProtobufCBinaryData(borrowing: bytes)
    }
  }
}

extension TaskOrder {
  /// Lends the pixels of all contents where they are: a block's may be megabytes.
  fileprivate func withPixels<Result>(_ body: ([UnsafeRawBufferPointer]) -> Result) -> Result {
    var lent: [UnsafeRawBufferPointer] = []
    func lend() -> Result {
      guard lent.count < contents.count else { return body(lent) }
      return contents[lent.count].pixels.withUnsafeBytes {
        lent.append($0)
        return lend()
      }
    }
    return lend()
  }

  fileprivate func wire(
    _ scratch: Scratch, _ pixels: [UnsafeRawBufferPointer]
  ) -> UnsafeMutablePointer<Wire__Task> {
    scratch.make(wire__task__init) {
      $0.run = scratch.text(run)
      $0.incarnation = UInt64(incarnation)
      $0.id = id.wire(scratch)
      if let parameters { $0.parameters_sha256 = scratch.text(parameters) }
      $0.n_contents = contents.count
      $0.contents = scratch.repeated(zip(contents, pixels).map { $0.wire(scratch, $1) })
    }
  }
}

extension TaskContent {
  fileprivate func wire(
    _ scratch: Scratch, _ pixels: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<Wire__TaskContent> {
    scratch.make(wire__task_content__init) {
      $0.side = UInt32(side)
      $0.pixels = ProtobufCBinaryData(borrowing: pixels)
      $0.kernel = scratch.floats(kernel)
      $0.key = key
      $0.n_interval_weights = intervalWeights.count
      $0.interval_weights = scratch.repeated(intervalWeights)
      $0.kernel_noise = kernelNoise
      $0.image_noise = imageNoise
    }
  }
}

extension Rejection {
  fileprivate func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__Rejection> {
    scratch.make(wire__rejection__init) {
      $0.reason = reason.wire
      $0.explanation = scratch.text(explanation)
    }
  }
}
