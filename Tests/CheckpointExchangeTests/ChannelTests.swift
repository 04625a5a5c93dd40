import CheckpointExchange
import Foundation
import Messages
import Testing

extension CheckpointExchangeTests {
  /// What a channel stands for.
  struct ChannelTests {
    @Test func `each channel gives its checkpoint`() throws {
      let runs = try Runs()
      let hashes = try [(10, 40.0), (20, 45), (30, 41)].map { step, psnr in
        try runs.write("a", step: step, content(UInt8(step)), psnr: psnr)
      }
      let watch = try runs.watch()
      let publisher = try runs.publisher(of: watch)
      let cache = try runs.cache()
      for (channel, hash) in [
        ("latest", hashes[2]), ("best", hashes[1]), ("step:10", hashes[0]),
        ("sha256:" + hashes[0], hashes[0]),
        ("a/latest", hashes[2]), ("a/sha256:" + hashes[1], hashes[1]),
      ] {
        let found = try obtain(publisher.endpoint, channel, into: cache)
        #expect(found.sha256 == hash && found.path.hasSuffix("\(hash).safetensors"), "\(channel)")
      }
      #expect(try bytes(of: obtain(publisher.endpoint, "best", into: cache).path) == content(20))
      #expect(watch.summary == "3 checkpoints of 1 run (a)")
    }

    @Test func `what is not there is said, with what is`() throws {
      let runs = try Runs()
      let watch = try runs.watch()
      let publisher = try runs.publisher(of: watch)
      let cache = try runs.cache()
      func refusal(_ channel: String) -> String {
        errorText { try obtain(publisher.endpoint, channel, into: cache) }
          .replacing("cannot fetch a checkpoint from \(publisher.endpoint): ", with: "")
      }
      #expect(refusal("latest") == "no run is served here yet; wait")
      try runs.write("a", step: 10, content(1))
      try waitUntil { watch.summary.hasPrefix("1 checkpoint of 1 run") }
      #expect(refusal("best") == "run a has no evaluated checkpoint yet; wait, or ask for latest")
      #expect(refusal("step:11") == "run a has no checkpoint step:11 any more or yet; ask for latest")
      #expect(refusal("b/latest") == "no run b is served here, only: a")
      let hash = String(repeating: "0", count: 64)
      #expect(
        refusal("sha256:\(hash)")
          == "no checkpoint sha256:\(hash) is served here; ask for latest, or without a run")
      try runs.write("b", step: 1, content(2))
      try waitUntil { watch.summary.hasPrefix("2 checkpoints of 2 runs") }
      #expect(refusal("latest") == "several runs are served here, name one before the channel: a, b")
    }

    @Test func `damaged checkpoints and impossible evaluations are passed over, and told once`() throws {
      let runs = try Runs()
      let good = try runs.write("a", step: 1, content(1), psnr: 40)
      let other = try runs.write("a", step: 2, content(2), psnr: .nan)
      try runs.write("a", step: 3, [0, 1, 2], psnr: 50)
      let publisher = try runs.publisher()
      let cache = try runs.cache()
      #expect(try obtain(publisher.endpoint, "latest", into: cache).sha256 == other)
      #expect(try obtain(publisher.endpoint, "best", into: cache).sha256 == good)
      Thread.sleep(forTimeInterval: 0.6)
      #expect(
        runs.log.all == [
          "\(runs.path)/a/checkpoints/step-000000003.safetensors is not served: it begins with a zero"
        ])
    }

    @Test func `a folder that is not there is refused`() throws {
      let runs = try Runs()
      let missing = runs.folder.file("none").path
      let text = errorText {
        try RunWatch([missing], accept: { _ in }, log: { _ in })
      }
      #expect(
        text
          == "cannot serve runs from \"\(missing)\": No such file or directory; "
          + "name a run's folder, or the one that holds such folders")
    }

    @Test(arguments: [
      ("tcp://10.0.0.1:5556", "tcp://10.0.0.1:5556", "latest"),
      ("tcp://host:1#best", "tcp://host:1", "best"),
      ("tcp://[::1]:99#run/step:7", "tcp://[::1]:99", "run/step:7"),
      ("ipc:///tmp/x#latest", "ipc:///tmp/x", "latest"), ("tcp://h:1#a#b/latest", "tcp://h:1", "a#b/latest"),
    ])
    func sources(text: String, endpoint: String, channel: String) throws {
      let source = try CheckpointSource(text)
      #expect(source.endpoint == endpoint && source.channel.description == channel)
      #expect(try CheckpointSource(source.description) == source)
    }

    @Test(arguments: [
      "", "10.0.0.1:5556", "tcp://10.0.0.1", "tcp://:5556", "tcp://h:0", "tcp://h:99999", "tcp://h:1#",
      "tcp://h:1#newest", "tcp://h:1#step:-1", "tcp://h:1#step:", "tcp://h:1#/latest", "tcp://h:1#a b/latest",
      "tcp://h:1#sha256:00", "tcp://h:1#latest:", "http://h:1",
    ])
    func `not sources`(text: String) {
      #expect(
        errorText { try CheckpointSource(text) }
          == "cannot fetch checkpoints from \(String(reflecting: text)): it is not tcp://HOST:PORT or "
          + "tcp://HOST:PORT#CHANNEL with CHANNEL one of [RUN/]latest, best, step:N or sha256:HASH; correct it"
      )
    }
  }
}

/// Waits for at most twenty seconds, which only a failure takes.
func waitUntil(_ condition: () throws -> Bool) throws {
  let deadline = Date(timeIntervalSinceNow: 20)
  while try !condition() {
    try #require(Date() < deadline, "waited in vain")
    usleep(5000)
  }
}
