import CheckpointExchange
import Foundation
import Platform
import Support
import Testing
import Transport

/// A publisher that is killed, and peers that do it no good.
@Suite("metakernelgan serve under faults", .tags(.slow), .serialized)
struct ServingFaultsTests {
  private var published: PublishedRun
  private var fixtures: Fixtures { published.fixtures }

  init() throws { published = try PublishedRun() }

  /// The publisher's process is killed while a hundred estimators are fetching, and another takes its place.
  @Test mutating func `a publisher killed in the middle costs a retry`() throws {
    _ = try published.write(step: 1)
    let (victim, endpoint) = try published.serve()
    let outcome = Monitor<Int?>(nil)
    let crowd = try FetcherCrowd(Context(), endpoint, count: 100)
    let before = victim.processorTime
    Thread {
      let wrong = (try? crowd.fetch())?.wrong ?? -1
      outcome.update { $0 = wrong }
    }.start()
    // All together take it far more than three hundredths of a second.
    try wait(for: "the fetching to begin") {
      victim.processorTime > before + 3 || outcome.update { $0 } != nil
    }
    victim.kill(SIGKILL)
    #expect(try victim.end() == -SIGKILL)
    let (successor, _) = try published.serve(at: endpoint)
    try wait(for: "all fetchers") { outcome.update { $0 } != nil }
    #expect(outcome.update { $0 } == 0)
    withExtendedLifetime(successor) {}
  }

  /// Two hundred peers that ask for much and read nothing, connect and say nothing, or stop within a message.
  @Test mutating func `peers that do not read, or speak half, keep nobody waiting`() throws {
    let hash = try published.write(step: 1)
    let (publisher, endpoint) = try published.serve()
    let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
    let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
    let silent = try (0..<100).map { try RawPeer(port: port, saying: $0 % 2 == 0 ? [] : greeting) }
    let context = try Context()
    let greedy = try (0..<100).map { _ in try GreedyPeer(of: hash, at: endpoint, in: context) }
    let begin = ContinuousClock.now
    #expect(try FetcherCrowd(context, endpoint, count: 10).fetch().wrong == 0)
    // Fourteen megabytes take a tenth of a second; the rest is for a busy machine. Waiting for a bad peer would be
    // waiting for its ten seconds of silence, or for ever.
    #expect(ContinuousClock.now - begin < .seconds(8))
    // All have the same chunks queued, and these are there once.
    #expect(try publisher.residentMegabytes() < 300)
    withExtendedLifetime((silent, greedy)) {}
  }
}
