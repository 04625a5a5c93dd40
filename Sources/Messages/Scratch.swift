internal import CWire

/// Memory for the C structs and strings of one message while it is packed.
final class Scratch {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { for block in blocks { block.deallocate() } }

  /// A message made by protobuf-c's own initialiser, then filled.
  func make<Message>(
    _ initialise: (UnsafeMutablePointer<Message>?) -> Void, _ fill: (inout Message) -> Void
  ) -> UnsafeMutablePointer<Message> {
    let message = allocate(MemoryLayout<Message>.size).assumingMemoryBound(to: Message.self)
    initialise(message)
    fill(&message.pointee)
    return message
  }

  func text(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = Array(text.utf8CString)
    return bytes.withUnsafeBytes { copy($0).assumingMemoryBound(to: CChar.self) }
  }

  func floats(_ values: [Float]) -> ProtobufCBinaryData {
    values.withUnsafeBytes {
      ProtobufCBinaryData(len: $0.count, data: copy($0).assumingMemoryBound(to: UInt8.self))
    }
  }

  func repeated(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    values.withUnsafeBytes { copy($0).assumingMemoryBound(to: Float.self) }
  }

  /// Pointers to messages that live in this scratch.
  func repeated<Message>(
    _ messages: [UnsafeMutablePointer<Message>?]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
    messages.withUnsafeBytes { copy($0).assumingMemoryBound(to: UnsafeMutablePointer<Message>?.self) }
  }

  private func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
    let block = allocate(bytes.count)
    UnsafeMutableRawBufferPointer(start: block, count: bytes.count).copyMemory(from: bytes)
    return block
  }

  private func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    blocks.append(.allocate(byteCount: max(count, 1), alignment: 16))
    return blocks[blocks.count - 1]
  }
}

extension ProtobufCBinaryData {
  /// The bytes where they are, for packing within the scope that lends them; protobuf-c only reads.
  init(borrowing bytes: UnsafeRawBufferPointer) {
    self.init(
      len: bytes.count,
      data: UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)))
  }
}

/// One message in its wire form.
func packed<Message>(
  _ message: UnsafeMutablePointer<Message>, size: (UnsafePointer<Message>?) -> Int,
  by pack: (UnsafePointer<Message>?, UnsafeMutablePointer<UInt8>?) -> Int
) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: size(message)) { buffer, count in
    count = pack(message, buffer.baseAddress)
  }
}
