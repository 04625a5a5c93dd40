import CheckpointExchange
import Foundation
import Messages
import Testing
import Transport

extension CheckpointExchangeTests {
  /// Peers that harm nobody but themselves.
  struct BadPeerTests {
    @Test func `garbage is refused, and others are served`() throws {
      let runs = try Runs()
      try runs.write("a", step: 1, content(1))
      let publisher = try runs.publisher()
      let peer = Asker(publisher.endpoint)
      for garbage in [[], [0xFF], [UInt8](repeating: 0xA5, count: 4000)] {
        try peer.send(garbage)
        guard case .refusal(let refusal) = try #require(peer.next()).body else { throw Bad() }
        #expect(
          refusal.reason == .unreadableRequest && refusal.explanation.hasPrefix("cannot read a message"))
      }
      #expect(try obtain(publisher.endpoint, cache: runs.cache()).step == 1)
    }

    @Test func `requests for what is not there or beyond the end are refused`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 1, content(1))
      let publisher = try runs.publisher()
      let peer = Asker(publisher.endpoint)
      for (file, offset) in [(hash, 786_432), (hash, 1 << 27), (String(repeating: "0", count: 64), 0)] {
        let reply = try peer.ask(.fetch(file: file, offset: offset))
        #expect(
          reply == .refusal(.init(.notServed, "byte \(offset) of checkpoint \(file.prefix(12)) is not here")))
      }
      let last = try peer.ask(.fetch(file: hash, offset: 524_288))
      #expect(last == .chunk(.init(file: hash, offset: 524_288, bytes: Data(content(1)[524_288...]))))
    }

    @Test func `a list of everything`() throws {
      let runs = try Runs()
      let one = try runs.write("a", step: 1, content(1), psnr: 44)
      let two = try runs.write("b", step: 2, content(2))
      let publisher = try runs.publisher()
      guard case .runs(let list) = try Asker(publisher.endpoint).ask(.listRuns) else { throw Bad() }
      #expect(list.map(\.name) == ["a", "b"])
      let all = list.flatMap(\.checkpoints)
      #expect(all.map(\.sha256) == [one, two] && all.map(\.size) == [700_000, 700_000])
      #expect(all[0].heldOut == .init(psnrBefore: 36, psnrAfter: 44, tasks: 4) && all[1].heldOut == nil)
    }

    @Test func `who watches is told at once, and when the time is up`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 1, content(1))
      let publisher = try runs.publisher()
      let watcher = Asker(publisher.endpoint)
      let name = ChannelName(.latest)
      func step(_ body: PublisherReply.Body) -> Int? {
        if case .checkpoint(let checkpoint) = body { checkpoint.step } else { nil }
      }
      #expect(step(try watcher.ask(.watch(name, known: nil, seconds: 60))) == 1)
      let begin = ContinuousClock.now
      #expect(step(try watcher.ask(.watch(name, known: hash, seconds: 1))) == 1)
      #expect(ContinuousClock.now - begin >= .milliseconds(990))
      try watcher.send(PublisherRequest(9, .watch(name, known: hash, seconds: 60)).encoded())
      try runs.write("a", step: 2, content(2))
      let news = try #require(watcher.next())
      #expect(news.number == 9 && step(news.body) == 2)
    }
  }
}
