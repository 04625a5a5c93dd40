import Foundation
import Testing
import Transport

extension TransportTests {
  /// Over real sockets on the loopback interface.
  struct ConversationTests {
    @Test func `half a megabyte goes there and back`() throws {
      let pair = try Pair()
      let message = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      for _ in 0..<20 {
        pair.dealer.dealer.send(message)
        let (peer, arrived) = try #require(pair.router.nextMessage())
        #expect(arrived == message)
        pair.router.router.send(arrived, to: [peer])
        #expect(pair.dealer.nextMessage() == message)
      }
    }

    @Test func `an empty message arrives`() throws {
      let pair = try Pair()
      pair.dealer.dealer.send([])
      #expect(try #require(pair.router.nextMessage()).bytes == [])
    }

    @Test func `a thousand small messages arrive in order`() throws {
      // More than the queues hold, both ways.
      let pair = try Pair()
      for i in 0..<1000 { pair.dealer.dealer.send(bytes(i)) }
      for i in 0..<1000 { #expect(try #require(pair.router.nextMessage()).bytes == bytes(i)) }
      for i in 0..<1000 { pair.router.router.send(bytes(i), to: [pair.peer]) }
      for i in 0..<1000 { #expect(pair.dealer.nextMessage() == bytes(i)) }
    }

    @Test func `one message goes to many peers`() throws {
      let context = try Context()
      let router = try RouterEnd(context)
      let dealers = try (0..<5).map { _ in try DealerEnd(context, to: router.router.endpoint) }
      for dealer in dealers {
        dealer.waitFor(.connected)
        dealer.dealer.send([1])
      }
      let peers = try dealers.map { _ in try #require(router.nextMessage()).peer }
      #expect(Set(peers).count == 5)
      let message = [UInt8](repeating: 7, count: 300_000)
      router.router.send(message, to: peers)
      for dealer in dealers { #expect(dealer.nextMessage() == message) }
    }

    @Test func `a hundred dealers at once`() throws {
      let context = try Context()
      let router = try RouterEnd(context)
      let dealers = try (0..<100).map { _ in try DealerEnd(context, to: router.router.endpoint) }
      for (i, dealer) in dealers.enumerated() {
        dealer.waitFor(.connected)
        for j in 0..<20 { dealer.dealer.send(bytes(i) + bytes(j) + [UInt8](repeating: 1, count: 10_000)) }
      }
      var next: [Router.Peer: Int] = [:]
      for _ in 0..<2000 {
        let (peer, message) = try #require(router.nextMessage())
        #expect(Array(message[4..<8]) == bytes(next[peer, default: 0]), "in order for each peer")
        next[peer, default: 0] += 1
        router.router.send(message, to: [peer])
      }
      for (i, dealer) in dealers.enumerated() {
        for j in 0..<20 { #expect(try #require(dealer.nextMessage()).prefix(8) == bytes(i)[...] + bytes(j)) }
      }
    }

    private func bytes(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number)) { Array($0) } }
  }
}
