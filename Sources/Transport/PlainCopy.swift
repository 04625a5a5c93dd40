internal import CZeroMQ

/// Messages pushed from one process to another with nothing around libzmq: what a benchmark holds the rest against.
package enum PlainCopy {
  /// Few, so that hardly anything is on its way before the receiver's clock runs. Not probed: while the receiver waits for
  /// its turn with full queues it answers no probe, and what is lost with a connection is not sent again.
  private static var options: SocketOptions {
    var options = SocketOptions()
    (options.sendQueue, options.receiveQueue) = (16, 16)
    options.probeInterval = .zero
    return options
  }

  /// One end that sends. Made by one thread and used by one at a time.
  package final class Sender: @unchecked Sendable {
    private let socket: Socket
    package let endpoint: String

    package init(_ context: Context) throws(TransportError) {
      socket = try Socket(context, type: ZMQ_PUSH, options, name: "tcp://127.0.0.1:*")
      try socket.bind()
      endpoint = try socket.lastEndpoint()
    }

    /// Sends `bytes` again and again; waits for a receiver.
    package func send(_ bytes: [UInt8], times: Int) throws(TransportError) {
      let original = try MessageFrame(bytes)
      for _ in 0..<times {
        let frame = try MessageFrame(sharing: original)
        try Attempt(.send, endpoint).check { zmq_msg_send(frame.message, socket.handle, 0) }
      }
    }
  }

  /// The other end.
  package final class Receiver {
    private let socket: Socket
    private let endpoint: String

    package init(_ context: Context, _ endpoint: String) throws(TransportError) {
      self.endpoint = endpoint
      socket = try Socket(context, type: ZMQ_PULL, options, name: endpoint)
      try socket.connect()
    }

    /// Gives each of the next `count` messages to `take`.
    package func receive(count: Int, _ take: (UnsafeRawBufferPointer) -> Void) throws(TransportError) {
      for _ in 0..<count {
        let frame = MessageFrame()
        try Attempt(.receive, endpoint).check { zmq_msg_recv(frame.message, socket.handle, 0) }
        frame.withBytes(take)
      }
    }
  }
}
