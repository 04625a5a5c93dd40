import Foundation
import Support
import Synchronization
import Testing
import Transport

extension TransportTests {
  /// Peers that vanish, stall or misbehave.
  struct LossTests {
    @Test func `sending to an unknown peer is reported`() throws {
      let router = try RouterEnd(try Context())
      router.router.send([1, 2, 3], to: [[9, 9, 9]])
      #expect(router.inbox.next() == .unreachable([9, 9, 9]))
    }

    @Test func `one peer missing keeps nothing from the others`() throws {
      let pair = try Pair()
      pair.router.router.send([5], to: [[9], pair.peer, [8]])
      #expect(pair.dealer.nextMessage() == [5])
      #expect(pair.router.inbox.next() == .unreachable([9]))
      #expect(pair.router.inbox.next() == .unreachable([8]))
    }

    @Test func `a peer that vanished is reported when sent to`() throws {
      let pair = try Pair()
      pair.dealer.dealer.close()
      // The router learns of it in its own time; until then sending succeeds.
      for _ in 0..<2000 {
        pair.router.router.send([1], to: [pair.peer])
        if pair.router.inbox.next(within: 0.01) == .unreachable(pair.peer) { return }
      }
      Issue.record("the loss was not reported")
    }

    @Test func `a peer that does not read is reported and not waited for`() throws {
      var options = SocketOptions()
      options.sendQueue = 2
      options.receiveQueue = 1
      let gate = DispatchSemaphore(value: 0)
      let pair = try Pair(options) { gate.wait() }
      defer { for _ in 0..<1000 { gate.signal() } }
      let message = [UInt8](repeating: 0, count: 2_000_000)
      // The system's own buffers hold a few megabytes, then the queue fills.
      for _ in 0..<100 { pair.router.router.send(message, to: [pair.peer]) }
      #expect(pair.router.inbox.next() == .unreachable(pair.peer))
    }

    @Test func `a dealer finds a router that comes back`() throws {
      let context = try Context()
      // Of its own context, with which its port becomes free.
      var first: RouterEnd? = try RouterEnd(try Context())
      let address = try #require(first).router.endpoint
      let dealer = try DealerEnd(context, to: address)
      dealer.waitFor(.connected)
      first = nil
      dealer.waitFor(.disconnected)
      #expect(!dealer.dealer.send([1]), "nobody is there to get it")

      let second = try RouterEnd(context, at: address)
      dealer.waitFor(.connected)
      #expect(dealer.dealer.send([2]))
      #expect(try #require(second.nextMessage()).bytes == [2])
    }

    @Test func `a dealer may come first`() throws {
      let context = try Context()
      let address = try RouterEnd(try Context()).router.endpoint
      let dealer = try DealerEnd(context, to: address)
      #expect(!dealer.dealer.send([1]))
      let router = try RouterEnd(context, at: address)
      dealer.waitFor(.connected)
      dealer.dealer.send([2])
      #expect(try #require(router.nextMessage()).bytes == [2])
    }

    @Test func `too long a message costs its sender the connection`() throws {
      let context = try Context()
      var options = SocketOptions()
      options.largestMessage = 1000
      let router = try RouterEnd(context, at: "tcp://127.0.0.1:*", options)
      let dealer = try DealerEnd(context, to: router.router.endpoint)
      dealer.waitFor(.connected)
      dealer.dealer.send([UInt8](repeating: 1, count: 1001))
      dealer.waitFor(.disconnected)
      dealer.waitFor(.connected)
      dealer.dealer.send([UInt8](repeating: 2, count: 1000))
      #expect(try #require(router.nextMessage()).bytes == [UInt8](repeating: 2, count: 1000))
    }

    @Test func `a client of another protocol does no harm`() throws {
      let pair = try Pair()
      let port = try #require(pair.router.router.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
      for text in ["GET / HTTP/1.1\r\n\r\n", String(repeating: "x", count: 5000)] {
        try sendRaw(Array(text.utf8), port: port)
      }
      pair.dealer.dealer.send([3])
      #expect(try #require(pair.router.nextMessage()) == (pair.peer, [3]))
    }

    /// libzmq aborts the process where a router closes during a handshake of its first protocol.
    @Test func `closing while strangers speak does no harm`() throws {
      for _ in 0..<200 {
        let router = try RouterEnd(try Context())
        let port = try #require(router.router.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        for _ in 0..<8 { try sendRaw([UInt8](repeating: 120, count: 500), port: port) }
        router.router.close()
      }
    }

    private func sendRaw(_ bytes: [UInt8], port: UInt16) throws {
      let descriptor = try connectedSocket(port: port)
      defer { close(descriptor) }
      // The router may hang up at any byte.
      _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
  }
}
