import Messages
import Testing

/// Each rule at the door, with the text that the log will show.
struct RefusalTests {
  @Test func `an empty message`() {
    refused(
      "cannot read a message of 0 bytes: it is not in the wire format; check that only metakernelgan uses this port"
    ) {
      try decodeWorker([])
    }
  }

  @Test func `another protocol version`() {
    // Field 1, varint 9.
    let text =
      "cannot read a message: it is of protocol version 9, expected 3; run the same metakernelgan on both sides"
    refused(text) { try decodeWorker([0x08, 9]) }
    refused(text) { try decodeCoordinator([0x08, 9]) }
  }

  @Test func `an envelope without content`() {
    let text =
      "cannot read a message: its envelope holds nothing known; run the same metakernelgan on both sides"
    refused(text) { try decodeWorker([0x08, 3]) }
    refused(text) { try decodeCoordinator([0x08, 3]) }
  }

  @Test func `a missing part is named`() {
    // Field 5 (task_result), empty.
    refused("origin is missing") { try decodeWorker([0x08, 3, 0x2A, 0]) }
  }

  @Test(arguments: ["", "two words", "line\nbreak", "naïve", String(repeating: "x", count: 101)])
  func `a name that would spoil a log`(name: String) {
    var registration = Samples.registration
    registration.worker = name
    refused("registration.worker is not 1 to 100 visible ASCII characters") {
      try decodeWorker(WorkerMessage.registration(registration).encoded())
    }
  }

  @Test(arguments: ["", "abc", String(repeating: "A", count: 64), String(repeating: "0", count: 65)])
  func `a hash that is none`(hash: String) {
    var registration = Samples.registration
    registration.architecture = hash
    refused("registration.architecture_sha256 is not 64 lower-case hexadecimal digits") {
      try decodeWorker(WorkerMessage.registration(registration).encoded())
    }
  }

  @Test(arguments: [0, 1025])
  func `an impossible number of cores`(cores: Int) {
    var registration = Samples.registration
    registration.cores = cores
    refused("registration.cores is \(cores), expected 1 to 1024") {
      try decodeWorker(WorkerMessage.registration(registration).encoded())
    }
  }

  @Test func `an incarnation of zero`() {
    var result = Samples.finite
    result.origin.incarnation = 0
    refused("origin.incarnation is 0, expected 1 to 9007199254740992") {
      try decodeWorker(WorkerMessage.result(result).encoded())
    }
  }

  @Test func `pictures of another size than told`() {
    refusedContent("task.content.pixels has length 47, expected 48") { $0.pixels.removeLast() }
    refusedContent("task.content.side is 0, expected 1 to 1024") { $0.side = 0 }
    refusedContent("task.content.side is 1025, expected 1 to 1024") { $0.side = 1025 }
  }

  @Test func `kernels that are none`() {
    refusedContent("task.content.kernel has length 3, expected a square") { $0.kernel.removeLast() }
    refusedContent("task.content.kernel has length 0, expected 1 to 961") { $0.kernel = [] }
    refusedContent("task.content.kernel is nan, expected finite numbers") { $0.kernel[2] = .nan }
  }

  @Test func `interval weights out of range`() {
    refusedContent("task.content.interval_weights has length 0, expected 1 to 64") { $0.intervalWeights = [] }
    refusedContent("task.content.interval_weights is inf, expected finite numbers") {
      $0.intervalWeights[4] = .infinity
    }
  }

  @Test func `blocks that are none`() {
    for (block, count) in [(2, 1), (1, 2), (1, 0)] {
      let contents = Array(repeating: Samples.content, count: count)
      let id = TaskID(RoundID(.training, step: 1), 0, block: block)
      let order = TaskOrder(run: "r", incarnation: 1, id: id, parameters: nil, contents: contents)
      refused("task.contents has length \(count), expected \(block)") {
        try decodeCoordinator(CoordinatorMessage.task(order).encoded())
      }
    }
    for block in [0, largestBlock + 1] {
      let id = TaskID(RoundID(.training, step: 1), 0, block: block)
      refused("work.task.block is \(block), expected 1 to \(largestBlock)") {
        try decodeWorker(WorkerMessage.heartbeat(Work(task: id, stepsDone: 1)).encoded())
      }
    }
  }

  @Test(arguments: [0, -1, .infinity, .nan] as [Double])
  func `a bound that is none`(bound: Double) {
    var welcome = Samples.welcome
    welcome.gradientBound = bound
    refused("welcome.gradient_bound is \(bound), expected a finite number above 0") {
      try decodeCoordinator(CoordinatorMessage.welcome(welcome).encoded())
    }
  }

  @Test func `settings out of range`() {
    refusedContent("task.content.image_noise is -1.0, expected a finite number not below 0") {
      $0.imageNoise = -1
    }
    var welcome = Samples.welcome
    welcome.innerLoop.evaluationInterval = 26
    refused("inner_loop.evaluation_interval is 26, expected 1 to 25") {
      try decodeCoordinator(CoordinatorMessage.welcome(welcome).encoded())
    }
  }

  @Test func advice() {
    var registration = Samples.registration
    registration.cores = 0
    refused(
      "cannot read a message: registration.cores is 0, expected 1 to 1024; "
        + "its sender is broken, look at its log and machine"
    ) {
      try decodeWorker(WorkerMessage.registration(registration).encoded())
    }
  }

  private func refusedContent(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ spoil: (inout TaskContent) -> Void
  ) {
    var order = Samples.order
    spoil(&order.contents[0])
    refused(text, sourceLocation: sourceLocation) {
      try decodeCoordinator(CoordinatorMessage.task(order).encoded())
    }
  }
}

private func refused<Message>(
  _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Message
) {
  let error = #expect(throws: MessageError.self, sourceLocation: sourceLocation) { _ = try body() }
  #expect(
    error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
}
