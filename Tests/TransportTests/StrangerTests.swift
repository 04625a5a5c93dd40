import Foundation
import Support
import Testing
import Transport

extension TransportTests {
  /// Whoever can reach a port, and what he can do there: nothing to the others.
  struct StrangerTests {
    /// libzmq aborts the process where a connection breaks whose input it has stopped and a PING is left to be answered.
    @Test func `a flood that is reset ends nobody`() throws {
      let pair = try Pair()
      let flood = (0..<1000).flatMap { _ in Stranger.frame(Array("hello".utf8)) } + Stranger.ping
      for _ in 0..<3 {
        let port = try port(of: pair.router.router.endpoint)
        try inParallel(20) {
          let stranger = try Stranger(port: port)
          for _ in 0..<20 where !stranger.say(flood) { break }
          stranger.reset()
        }
      }
      expectService(pair)
    }

    /// As on a coordinator that waits for its disk: the handler stands still, and libzmq's input must not.
    @Test func `a handler that stands still stops no input`() throws {
      let gate = DispatchSemaphore(value: 0)
      let heard = Inbox<[UInt8]>()
      let context = try Context()
      let router = try Router(context, listeningAt: "tcp://127.0.0.1:*") { event in
        guard case .received(_, let bytes) = event else { return }
        gate.wait()
        heard.add(Array(bytes))
      }
      let honest = try DealerEnd(context, to: router.endpoint)
      honest.waitFor(.connected)
      let message = [UInt8](repeating: 7, count: 200_000)
      for number in 0..<100 { honest.dealer.send([UInt8(number)] + message) }
      let strangers = try (0..<5).map { _ in try Stranger(port: port(of: router.endpoint)) }
      for stranger in strangers {
        for _ in 0..<200 { stranger.say(Stranger.frame([1])) }
        stranger.say(Stranger.ping)
        stranger.reset()
      }
      for _ in 0..<1200 { gate.signal() }
      for number in 0..<100 {
        let next = heard.next { $0.count > 1 ? $0 : nil }
        #expect(try #require(next) == [UInt8(number)] + message, "in order, none lost")
      }
      for _ in 0..<2000 { gate.signal() }
    }

    @Test func `a message that never ends is cut off`() throws {
      let pair = try Pair()
      forgetPeakMemory()
      let before = peakMemory()
      let stranger = try Stranger(port: port(of: pair.router.router.endpoint))
      let frame = Stranger.frame([UInt8](repeating: 1, count: 1 << 20), more: true)
      // Four gigabytes, were they taken.
      let sent = (0..<4096).first { _ in !stranger.say(frame) }
      #expect(sent != nil, "it is hung up on")
      #expect(pair.router.inbox.next { if case .dropped(let line) = $0 { line } else { nil } } != nil)
      #expect(peakMemory() - before < 600 << 20)
      expectService(pair)
    }

    @Test func `more than is handled is cut off`() throws {
      var options = SocketOptions()
      options.budget.share = 4 << 20
      let gate = DispatchSemaphore(value: 0)
      let lines = Inbox<String>()
      let context = try Context()
      let router = try Router(context, listeningAt: "tcp://127.0.0.1:*", options) { event in
        switch event {
        case .received: gate.wait()
        case .dropped(let line): lines.add(line)
        default: break
        }
      }
      let stranger = try Stranger(port: port(of: router.endpoint))
      let message = Stranger.frame([UInt8](repeating: 1, count: 100_000))
      #expect((0..<4096).first { _ in !stranger.say(message) } != nil)
      for _ in 0..<100 { gate.signal() }
      #expect(lines.next() == "a connection was cut: more of its messages wait than may")
    }

    @Test func `who does not read is cut off`() throws {
      var options = SocketOptions()
      options.budget.share = 16 << 20
      let router = try RouterEnd(try Context(), at: "tcp://127.0.0.1:*", options)
      let stranger = try Stranger(port: port(of: router.router.endpoint))
      stranger.say(Stranger.frame([1]))
      let peer = try #require(router.nextMessage()).peer
      let message = [UInt8](repeating: 0, count: 1 << 20)
      for _ in 0..<64 { router.router.send(message, to: [peer]) }
      let line = router.inbox.next { if case .dropped(let line) = $0 { line } else { nil } }
      #expect(line == "a connection was cut: it does not read what it is sent")
    }

    @Test func `too many connections cost the silent ones`() throws {
      var options = SocketOptions()
      options.budget.connections = 8
      let context = try Context()
      let router = try RouterEnd(context, at: "tcp://127.0.0.1:*", options)
      let honest = try DealerEnd(context, to: router.router.endpoint)
      honest.waitFor(.connected)
      honest.dealer.send([1])
      let peer = try #require(router.nextMessage()).peer
      let strangers = try (0..<40).map { _ in try connectedSocket(port: port(of: router.router.endpoint)) }
      defer { for stranger in strangers { close(stranger) } }
      #expect(router.inbox.next { if case .dropped = $0 { true } else { nil } } == true)
      honest.dealer.send([2])
      #expect(try #require(router.nextMessage()) == (peer, [2]), "still the same connection")
    }

    @Test func `frames without end are not kept`() throws {
      let pair = try Pair()
      let stranger = try Stranger(port: port(of: pair.router.router.endpoint))
      for _ in 0..<1000 { stranger.say(Stranger.frame([1], more: true)) }
      stranger.say(Stranger.frame([1]))
      #expect(pair.router.inbox.next { $0 == .malformed ? true : nil } == true)
      expectService(pair)
    }

    @Test func `a peer that died is told of at once`() throws {
      let router = try RouterEnd(try Context())
      var stranger: Stranger? = try Stranger(port: port(of: router.router.endpoint))
      stranger?.say(Stranger.frame([1]))
      let peer = try #require(router.nextMessage()).peer
      stranger = nil
      #expect(router.nextNews() == .unreachable(peer))
    }

    private func expectService(_ pair: Pair, sourceLocation: SourceLocation = #_sourceLocation) {
      pair.dealer.dealer.send([42, 42, 42])
      let own = pair.router.inbox.next { news -> Bool? in
        news == .received(pair.peer, [42, 42, 42]) ? true : nil
      }
      #expect(own == true, sourceLocation: sourceLocation)
      pair.router.router.send([43], to: [pair.peer])
      #expect(pair.dealer.nextMessage() == [43], sourceLocation: sourceLocation)
    }

    private func inParallel(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
      let failures = Inbox<String>()
      DispatchQueue.concurrentPerform(iterations: count) { _ in
        do { try body() } catch { failures.add("\(error)") }
      }
      #expect(failures.next(within: 0) == nil)
    }
  }
}
