import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import Platform
import Testing
import Transport

extension CheckpointExchangeTests {
  /// Publishers that die, lie, or are not there.
  struct LossTests {
    @Test func `without its publisher a channel is what it last was, with its age`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 4, content(1))
      let cache = try runs.cache()
      let endpoint: String
      do {
        let publisher = try runs.publisher()
        endpoint = publisher.endpoint
        _ = try obtain(endpoint, cache: cache)
      }
      let found = try obtain(endpoint, "latest", into: cache, within: 0.2)
      #expect(found.sha256 == hash && found.step == 4)
      guard case .memory(let age, let reason) = found.origin else { throw Bad() }
      #expect((0..<60).contains(age))
      #expect(found.summary.hasPrefix("sha256 \(hash) (run a, step 4) from the cache, as of "))
      #expect(
        reason
          == "cannot fetch checkpoints from \(endpoint): nobody answered for 0 s; check the address, and that "
          + "`metakernelgan serve` runs there")
      // By its hash it is the same whoever says so.
      let known = try obtain(endpoint, "sha256:\(hash)", into: cache, within: 0.2)
      #expect(known.origin == .cache && known.summary == "sha256 \(hash) from the cache")
      // Of another channel nothing is known, nor of this one once the file has gone bad.
      #expect(errorText { try obtain(endpoint, "best", into: cache, within: 0.2) } == reason)
      try Data([1, 2, 3]).write(to: URL(filePath: found.path))
      #expect(errorText { try obtain(endpoint, "latest", into: cache, within: 0.2) } == reason)
    }

    @Test func `a publisher that dies between two chunks costs a retry`() throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 1, content(1))
      var dying: FalsePublisher? = try FalsePublisher(content(1), answering: 2)
      let endpoint = try #require(dying).endpoint
      let (cache, found) = (try runs.cache(), Log<String>())
      Thread { found.add((try? obtain(endpoint, cache: cache))?.sha256 ?? "failed") }.start()
      #expect(dying?.waitForChunks() == true)
      dying = nil
      let publisher = try runs.publisher(at: endpoint)
      #expect(found.next() == hash)
      #expect(try SHA256.hex(ofFile: "\(cache.folder)/\(hash).safetensors") == hash)
      publisher.close()
    }

    @Test func `bytes that are not those of the hash are never stored`() throws {
      let runs = try Runs()
      let liar = try FalsePublisher(content(1), lying: true)
      let cache = try runs.cache()
      let hash = try SHA256.hex(of: content(1))
      let text = errorText { try obtain(liar.endpoint, cache: cache) }
      #expect(
        text.hasPrefix(
          "cannot use what \(liar.endpoint) sent as checkpoint \(hash.prefix(12)): its SHA-256 is "))
      #expect(text.hasSuffix("; it was thrown away, check the publisher's disk and memory"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder) == [])
    }

    /// It takes questions and never answers: asked once, and given up when the time is up.
    @Test func `a publisher that never answers is given up in time`() throws {
      let questions = Monitor(0)
      let router = try Router(Context(), listeningAt: "tcp://127.0.0.1:*") { event in
        if case .received = event { questions.update { $0 += 1 } }
      }
      let runs = try Runs()
      let cache = try runs.cache()
      #expect(
        errorText { try obtain(router.endpoint, "latest", into: cache, within: 1) }
          == "cannot fetch checkpoints from \(router.endpoint): nobody answered for 1 s; check the address, and that "
          + "`metakernelgan serve` runs there")
      #expect(questions.update { $0 } <= 2)
    }

    /// Somebody else may write into a shared cache's folder.
    @Test(arguments: [false, true])
    func `a link in place of what is being fetched is not followed`(dangling: Bool) throws {
      let runs = try Runs()
      let hash = try runs.write("a", step: 1, content(1))
      let publisher = try runs.publisher()
      let cache = try runs.cache()
      let victim = runs.folder.file("victim").path
      if !dangling { try Data("precious".utf8).write(to: URL(filePath: victim)) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(cache.folder)/\(hash).part", withDestinationPath: victim)
      let found = try obtain(publisher.endpoint, cache: cache)
      #expect(try bytes(of: found.path) == content(1))
      let names = try FileManager.default.contentsOfDirectory(atPath: cache.folder)
      #expect(names.filter { $0.contains(hash) } == ["\(hash).safetensors"])
      #expect((try? bytes(of: victim)) == (dangling ? nil : Array("precious".utf8)))
    }

    @Test func `whoever speaks something else is told apart`() throws {
      let router = try Router(Context(), listeningAt: "tcp://127.0.0.1:*") { event, outlet in
        if case .received(let peer, _) = event { outlet.send([1, 2, 3], to: [peer]) }
      }
      let runs = try Runs()
      #expect(
        errorText { try obtain(router.endpoint, cache: runs.cache()) }
          == "cannot talk to \(router.endpoint): cannot read a message of 3 bytes: it is not in the wire format; "
          + "check that only metakernelgan uses this port")
    }

    @Test func `a follower hears of each new checkpoint, over restarts of the publisher`() throws {
      let runs = try Runs()
      let news = Log<String>()
      var publisher: CheckpointPublisher? = try runs.publisher()
      let endpoint = try #require(publisher).endpoint
      let follower = try ChannelFollower(Context(), of: source(endpoint), into: runs.cache()) { told in
        switch told {
        case .checkpoint(let found): news.add("step \(found.step ?? -1)")
        case .trouble(let text): news.add(text)
        }
      }
      #expect(
        news.next() == "cannot fetch a checkpoint from \(endpoint): no run is served here yet; wait")
      for step in [1, 2] {
        try runs.write("a", step: step, content(UInt8(step)))
        #expect(news.next() == "step \(step)")
      }
      publisher = nil
      try runs.write("a", step: 3, content(3))
      publisher = try runs.publisher(at: endpoint)
      #expect(news.next() == "step 3")
      let begin = ContinuousClock.now
      follower.stop()
      // It was waiting for half a minute; being told to stop it does not.
      #expect(ContinuousClock.now - begin < .seconds(10))
    }
  }
}

/// Serves one file as run "a", step 1, and badly.
final class FalsePublisher: Sendable {
  private let router: Router
  private let chunks: Monitor<Int>
  var endpoint: String { router.endpoint }

  /// - Parameters:
  ///   - answering: so many chunks, and then no more.
  ///   - lying: with other bytes than those of the hash.
  init(_ content: [UInt8], answering limit: Int = .max, lying: Bool = false) throws {
    let hash = try SHA256.hex(of: content)
    let chunks = Monitor(0)
    self.chunks = chunks
    router = try Router(Context(), listeningAt: "tcp://127.0.0.1:*") { event, outlet in
      guard case .received(let peer, let bytes) = event, let request = try? PublisherRequest(decoding: bytes)
      else { return }
      guard case .fetch(_, let offset) = request.body else {
        let checkpoint = ServedCheckpoint(run: "a", step: 1, sha256: hash, size: content.count, written: 0)
        return outlet.send(PublisherReply(request.number, .checkpoint(checkpoint)).encoded(), to: [peer])
      }
      guard
        chunks.update({
          $0 += 1
          return $0
        }) <= limit
      else { return }
      var part = Array(content[offset..<min(offset + PublisherRequest.chunkSize, content.count)])
      if lying { part[part.count / 2] ^= 1 }
      outlet.send(
        PublisherReply(0, .chunk(.init(file: hash, offset: offset, bytes: Data(part)))).encoded(), to: [peer])
    }
  }

  /// Whether one more was asked for than it answers.
  func waitForChunks() -> Bool {
    chunks.wait(until: .after(20)) { $0 > 2 ? true : nil } ?? false
  }
}
