internal import CWire

extension TaskID {
  func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__TaskID> {
    scratch.make(wire__task_id__init) {
      $0.kind = round.kind.wire
      $0.step = UInt64(round.step)
      $0.index = UInt32(index)
      $0.block = UInt32(block)
    }
  }

  init(_ pointer: UnsafeMutablePointer<Wire__TaskID>?, _ field: String) throws(MessageError) {
    let wire = try present(pointer, field)
    let round = RoundID(
      try RoundID.Kind(wire.kind, "\(field).kind"), step: try count(wire.step, "\(field).step"))
    self.init(
      round, Int(wire.index), block: try whole(wire.block, in: 1...largestBlock, "\(field).block"))
  }
}

extension Origin {
  func wire(_ scratch: Scratch) -> UnsafeMutablePointer<Wire__Origin> {
    scratch.make(wire__origin__init) {
      $0.run = scratch.text(run)
      $0.incarnation = UInt64(incarnation)
      $0.parameters_sha256 = scratch.text(parameters)
    }
  }

  init(_ pointer: UnsafeMutablePointer<Wire__Origin>?) throws(MessageError) {
    let wire = try present(pointer, "origin")
    self.init(
      run: try name(wire.run, "origin.run"),
      incarnation: try count(wire.incarnation, from: 1, "origin.incarnation"),
      parameters: try sha256(wire.parameters_sha256, "origin.parameters_sha256"))
  }
}
