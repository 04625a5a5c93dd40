import Foundation
import Testing
import Transport

extension TransportTests {
  struct ClosingTests {
    @Test func `closing with messages queued does not hang`() throws {
      var options = SocketOptions()
      options.linger = .milliseconds(100)
      options.receiveQueue = 1
      let gate = DispatchSemaphore(value: 0)
      let clock = ContinuousClock()
      let start = clock.now
      do {
        let pair = try Pair(options) { gate.wait() }
        for _ in 0..<50 { pair.router.router.send([UInt8](repeating: 0, count: 1_000_000), to: [pair.peer]) }
        pair.router.router.close()
        for _ in 0..<100 { gate.signal() }
        for _ in 0..<50 { pair.dealer.dealer.send([UInt8](repeating: 0, count: 1_000_000)) }
        pair.dealer.dealer.close()
      }
      // The context is gone too. Far above linger and the machine's slow moments, far below for ever.
      #expect(clock.now - start < .seconds(15))
    }

    @Test func `closing a dealer that never connected`() throws {
      let dealer = try DealerEnd(try Context(), to: "tcp://127.0.0.1:1")
      dealer.dealer.close()
      dealer.dealer.close()
      #expect(!dealer.dealer.send([1]))
    }

    @Test func `what was sent before closing arrives`() throws {
      for _ in 0..<20 {
        let pair = try Pair()
        pair.dealer.dealer.send([1, 2])
        pair.dealer.dealer.close()
        #expect(try #require(pair.router.nextMessage()).bytes == [1, 2])
      }
    }

    @Test func `sending after closing is ignored`() throws {
      let pair = try Pair()
      pair.router.router.close()
      pair.router.router.send([1], to: [pair.peer])
      pair.router.router.close()
    }

    @Test func `no thread or descriptor stays behind`() throws {
      // Once before counting: the runtime and libzmq open files of their own at first use.
      try open(pairs: 1)
      let before = (try count("fd"), try count("task"))
      try open(pairs: 20)
      // Other suites run beside this one, so the count may move by a little for good, and by more for a moment, but the
      // 20 pairs' hundreds would stay.
      for _ in 0..<2000 {
        if try count("fd") < before.0 + 40, try count("task") < before.1 + 20 { return }
        usleep(10_000)
      }
      Issue.record("descriptors or threads stay behind")
    }

    private func open(pairs: Int) throws { for _ in 0..<pairs { _ = try Pair() } }

    private func count(_ what: String) throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(what)").count
    }
  }

  struct TransportErrorTests {
    @Test func `an address that is taken`() throws {
      let context = try Context()
      let router = try RouterEnd(context)
      let address = router.router.endpoint
      refused(
        "cannot listen at \(address): Address already in use; another process uses the address, end it or choose another port"
      ) { try RouterEnd(context, at: address) }
    }

    @Test func `an address that is none`() throws {
      let context = try Context()
      refused("cannot listen at nonsense: Invalid argument; check that the address reads tcp://HOST:PORT") {
        try RouterEnd(context, at: "nonsense")
      }
      refused("cannot connect to tcp://: Invalid argument; check that the address reads tcp://HOST:PORT") {
        try DealerEnd(context, to: "tcp://")
      }
      refused(
        "cannot connect to ftp://x: Protocol not supported; check that the address reads tcp://HOST:PORT"
      ) {
        try DealerEnd(context, to: "ftp://x")
      }
    }

    private func refused<End>(
      _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> End
    ) {
      let error = #expect(throws: TransportError.self, sourceLocation: sourceLocation) { _ = try body() }
      #expect(error?.description == text, sourceLocation: sourceLocation)
    }
  }
}
