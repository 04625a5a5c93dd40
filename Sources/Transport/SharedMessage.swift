import Synchronization

/// A message that is sent again and again: its bytes are kept once, however many peers have it queued, so that one who
/// does not read costs nothing.
public final class SharedMessage: Sendable {
  /// Copying counts in the original, so it is done by one thread at a time.
  private let original: Mutex<Original>

  /// libzmq's bytes and their count may be used by any thread; only the frame's own header may not.
  private struct Original: @unchecked Sendable { let frame: MessageFrame }

  /// - Throws: `TransportError`, where memory is short.
  public init(_ bytes: [UInt8]) throws(TransportError) {
    original = Mutex(Original(frame: try MessageFrame(bytes)))
  }

  func frame() throws(TransportError) -> MessageFrame {
    try original.withLock { (original) throws(TransportError) in
      Original(frame: try MessageFrame(sharing: original.frame))
    }.frame
  }
}
