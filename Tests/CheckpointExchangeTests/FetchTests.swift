import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import Platform
import Testing
import Transport

extension CheckpointExchangeTests {
  struct FetchTests {
    @Test func `a checkpoint arrives whole, once, and is verified again when it is used`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 4, content(1))
      let publisher = try runs.publisher()
      let cache = try runs.cache()
      let found = try obtain(publisher.endpoint, cache: cache)
      #expect(found.origin == .publisher && found.run == "a" && found.step == 4 && found.sha256 == hash)
      #expect(try bytes(of: found.path) == content(1))
      #expect(found.summary == "sha256 \(hash) (run a, step 4)")
      // One bit of it goes bad.
      var spoiled = content(1)
      spoiled[300_000] ^= 1
      try Data(spoiled).write(to: URL(filePath: found.path))
      #expect(try bytes(of: obtain(publisher.endpoint, cache: cache).path) == content(1))
      #expect(try files(cache) == ["\(hash).safetensors"])
    }

    @Test(arguments: [1, 256 << 10, (256 << 10) + 1, 1 << 20])
    func `sizes around the chunks'`(count: Int) throws {
      let runs = try Runs()
      try runs.write("a", step: 1, content(9, count: count))
      let publisher = try runs.publisher()
      #expect(try bytes(of: obtain(publisher.endpoint, cache: runs.cache()).path) == content(9, count: count))
    }

    @Test func `what came before an end is gone on from, and thrown away where it is bad`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 1, content(1))
      let publisher = try runs.publisher()
      for (name, prefix) in [
        ("good", Array(content(1).prefix(300_000))), ("bad", content(2, count: 300_000)),
        ("long", content(1, count: 900_000)), ("empty", []),
      ] {
        let cache = try runs.cache(name)
        try Data(prefix).write(to: URL(filePath: cache.folder + "/\(hash).part"))
        #expect(try bytes(of: obtain(publisher.endpoint, cache: cache).path) == content(1), "\(name)")
        #expect(try files(cache) == ["\(hash).safetensors"], "\(name)")
      }
    }

    /// Retention removes what estimators were told of a moment ago.
    @Test func `a checkpoint removed after it was told of can still be fetched`() throws {
      let runs = try Runs()
      try runs.write("a", step: 1, content(1), keep: 1)
      let publisher = try runs.publisher()
      let crowd = try FetcherCrowd(Context(), publisher.endpoint, count: 3)
      #expect(try crowd.fetch().wrong == 0)
      let told = try obtain(publisher.endpoint, cache: runs.cache("one"))
      try runs.write("a", step: 2, content(2), keep: 1)
      try waitUntil { try obtain(publisher.endpoint, cache: runs.cache("two")).step == 2 }
      let asked = Asker(publisher.endpoint)
      let chunk = try asked.ask(.fetch(file: told.sha256, offset: 524_288))
      #expect(
        chunk == .chunk(.init(file: told.sha256, offset: 524_288, bytes: Data(content(1)[524_288...]))))
    }

    @Test func `clients that share a cache fetch once and all get it`() throws {
      let runs = try Runs()
      try runs.write("a", step: 1, content(1, count: 3_000_000))
      let publisher = try runs.publisher()
      let cache = try runs.cache()
      let outcomes = Log<String>()
      for _ in 0..<8 {
        Thread {
          let found = try? obtain(publisher.endpoint, cache: cache)
          outcomes.add(found.flatMap { try? SHA256.hex(ofFile: $0.path) } ?? "failed")
        }.start()
      }
      let hash = try SHA256.hex(of: content(1, count: 3_000_000))
      for _ in 0..<8 { #expect(outcomes.next() == hash) }
      #expect(try files(cache) == ["\(hash).safetensors"])
    }

    @Test func `the files used longest ago make room`() throws {
      let runs = try Runs()
      let hashes = try (1...3).map { try runs.write("a", step: $0, content(UInt8($0), count: 1000)) }
      let publisher = try runs.publisher()
      let cache = try runs.cache(limit: 2500)
      for (step, used) in [(1, 100.0), (2, 200)] {
        let found = try obtain(publisher.endpoint, "step:\(step)", into: cache)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: used)], ofItemAtPath: found.path)
      }
      #expect(cache.verifiedPath(of: hashes[0]) != nil, "and with that it is the one used last")
      _ = try obtain(publisher.endpoint, "step:3", into: cache)
      #expect(try files(cache) == [hashes[0], hashes[2]].map { "\($0).safetensors" }.sorted())
      let small = try runs.cache("small", limit: 10)
      #expect(
        try bytes(of: obtain(publisher.endpoint, cache: small).path).count == 1000, "what is asked for stays")
    }

    private func files(_ cache: CheckpointCache) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: cache.folder)
        .filter { !$0.hasPrefix("channel-") }.sorted()
    }
  }
}

func obtain(_ endpoint: String, cache: CheckpointCache) throws -> FetchedCheckpoint {
  try obtain(endpoint, "latest", into: cache)
}

/// Asks by hand.
final class Asker: Sendable {
  private let replies = Log<PublisherReply>()
  private let dealer: Dealer?

  init(_ endpoint: String) {
    var options = SocketOptions()
    options.largestMessage = 16 << 20
    let replies = replies
    dealer = try? Dealer(Context(), connectingTo: endpoint, options) { event in
      if case .received(let bytes) = event, let reply = try? PublisherReply(decoding: bytes) {
        replies.add(reply)
      }
    }
  }

  deinit { dealer?.close() }

  func send(_ bytes: [UInt8]) throws { try waitUntil { dealer?.send(bytes) ?? false } }

  func ask(_ body: PublisherRequest.Body, number: UInt64 = 5) throws -> PublisherReply.Body {
    try send(PublisherRequest(number, body).encoded())
    return try #require(replies.next()).body
  }

  func next() -> PublisherReply? { replies.next() }
}
