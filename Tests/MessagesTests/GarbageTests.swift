import Messages
import Numerics
import Testing

/// Nothing that arrives may do more than throw.
struct GarbageTests {
  @Test func `random bytes are refused`() {
    var random = Philox(key: 1)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      #expect(throws: MessageError.self) { try decodeWorker(bytes) }
      #expect(throws: MessageError.self) { try decodeCoordinator(bytes) }
    }
  }

  /// Mutants may decode, since not every byte is checked; what decodes must be a message that encodes again.
  @Test func `mutated messages are refused or still messages`() throws {
    var random = Philox(key: 2)
    let workers = Samples.fromWorker.map { $0.encoded() }
    let coordinators = Samples.fromCoordinator.map { $0.encoded() }
    for _ in 0..<20_000 {
      if let message = try? decodeWorker(mutated(workers.randomElement(using: &random)!, &random)) {
        _ = try decodeWorker(message.encoded())
      }
      if let message = try? decodeCoordinator(mutated(coordinators.randomElement(using: &random)!, &random)) {
        _ = try decodeCoordinator(message.encoded())
      }
    }
  }

  @Test func `truncated messages are refused or still messages`() throws {
    for message in Samples.fromWorker {
      let bytes = message.encoded()
      for count in 0..<bytes.count { _ = try? decodeWorker(Array(bytes[..<count])) }
      #expect(throws: MessageError.self) { try decodeWorker(Array(bytes[..<(bytes.count - 1)])) }
    }
    for message in Samples.fromCoordinator {
      let bytes = message.encoded()
      for count in 0..<bytes.count { _ = try? decodeCoordinator(Array(bytes[..<count])) }
      #expect(throws: MessageError.self) { try decodeCoordinator(Array(bytes[..<(bytes.count - 1)])) }
    }
  }

  @Test func `the other side's messages are refused`() {
    // Same protocol, other direction: a registration is no welcome.
    for message in Samples.fromWorker.prefix(2) {
      #expect(throws: MessageError.self) { try decodeCoordinator(message.encoded()) }
    }
    #expect(throws: MessageError.self) {
      try decodeWorker(CoordinatorMessage.welcome(Samples.welcome).encoded())
    }
  }

  private func mutated(_ bytes: [UInt8], _ random: inout Philox) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let i = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[i] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[i] = UInt8.random(in: 0...255, using: &random)
      case 2 where bytes.count > 1: bytes.remove(at: i)
      default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: i)
      }
    }
    return bytes
  }
}
