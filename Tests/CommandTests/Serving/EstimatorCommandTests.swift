import Foundation
import Messages
import Platform
import Support
import Testing
import Transport

/// Pictures that come by themselves, into a watched folder or over the network.
@Suite("metakernelgan estimator", .tags(.slow), .serialized)
struct EstimatorCommandTests {
  private static let steps = "20"

  private var published: PublishedRun
  private var fixtures: Fixtures { published.fixtures }
  private var watched: String { fixtures.path("in") }

  init() throws { published = try PublishedRun() }

  /// New checkpoints appear while pictures come in both ways: none fails, and each result is what its checkpoint gives.
  @Test mutating func `checkpoints are swapped under load`() throws {
    var checkpoints = [try published.write(step: 1)]
    let (publisher, endpoint) = try published.serve()
    let daemon = try startEstimator(following: endpoint)
    let sender = try Sender(daemon.endpoint())
    let picture = try fixtures.picture("source.png")
    for round in 1...3 {
      try give(picture, times: 8, in: round, sender)
      if round < 3 {
        checkpoints.append(try published.write(step: round + 1))
        try daemon.waitForError("from the next picture on", count: round + 1)
      }
    }
    try wait(for: "all pictures", log: daemon.errors) {
      sender.replies.count == 24 && fixtures.names(in: "in/done").count == 24
    }
    #expect(fixtures.names(in: "in/failed") == [])
    let sent = Set(sender.replies.compactMap(Self.checkpoint))
    #expect(sent.isSubset(of: checkpoints))
    let filed = try checkpoints.filter { try expectKernels(of: picture, by: $0) > 0 }
    #expect(sent.union(filed).count >= 2, "the swaps took place under load")
    daemon.kill(SIGTERM)
    #expect(try daemon.end() == 0, "\(daemon.errors)")
    withExtendedLifetime(publisher) {}
  }

  private func startEstimator(following endpoint: String) throws -> RunningProgram {
    let daemon = try published.start([
      "estimator", "--from", endpoint, "--cache", published.cache, "--watch", watched, "--listen",
      "tcp://127.0.0.1:*", "--steps", Self.steps, "--jobs", "2",
    ])
    try daemon.waitForError("from the next picture on")
    return daemon
  }

  /// Puts a picture into the watched folder and sends it, so often.
  private func give(_ picture: String, times: Int, in round: Int, _ sender: Sender) throws {
    let bytes = Array(try Data(contentsOf: URL(filePath: picture)))
    for number in 0..<times {
      try FileManager.default.copyItem(atPath: picture, toPath: "\(watched)/\(round)-\(number).png")
      try sender.send(EstimatorRequest(UInt64(round * 100 + number), name: "sent.png", picture: bytes))
    }
  }

  /// The checkpoint that a reply names, which its report names too; anything but a report is a failure.
  private static func checkpoint(_ reply: EstimatorReply) -> String? {
    guard case .report(let hash, let json) = reply.body else {
      Issue.record("\(reply)")
      return nil
    }
    #expect(json.contains(hash))
    return hash
  }

  /// Holds the watched folder's kernels that were made by a checkpoint against what the command gives with it.
  /// - Returns: how many there are.
  private func expectKernels(of picture: String, by checkpoint: String) throws -> Int {
    let alone = try Program.run([
      "estimate", picture, "--steps", Self.steps, "--checkpoint",
      "\(published.cache)/\(checkpoint).safetensors", "--out", fixtures.path(checkpoint),
    ])
    #expect(alone.code == 0, "\(alone.errors)")
    let expected = try fixtures.bytes("\(checkpoint)/source_kernel_x2.npy")
    let reports = try fixtures.names(in: "in/kernels").filter {
      try $0.hasSuffix(".json") && fixtures.bytes("in/kernels/" + $0).range(of: Data(checkpoint.utf8)) != nil
    }
    for report in reports {
      #expect(try fixtures.bytes("in/kernels/\(report.dropLast(5)).npy") == expected, "\(report)")
    }
    return reports.count
  }

  /// SIGTERM lets the picture at hand finish; the others stay where they are. What fails goes aside with its reason.
  @Test func `SIGTERM lets the picture at hand finish`() throws {
    try FileManager.default.createDirectory(atPath: watched, withIntermediateDirectories: true)
    try Data("no picture".utf8).write(to: fixtures.folder.file("in/0.png"))
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -9)]
    try FileManager.default.setAttributes(old, ofItemAtPath: watched + "/0.png")
    let daemon = try published.start([
      "estimator", "--checkpoint", fixtures.checkpoint, "--watch", watched, "--steps", "3000", "--jobs", "1",
    ])
    try wait(for: "the bad one to go aside", log: daemon.errors) {
      fixtures.names(in: "in/failed") == ["0.png", "0.png.reason.txt"]
    }
    #expect(
      try String(contentsOfFile: watched + "/failed/0.png.reason.txt", encoding: .utf8)
        == "cannot read picture '0.png': it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; "
        + "convert it to PNG\n"
    )
    for name in ["a.png", "b.png", "c.png"] { _ = try fixtures.picture("in/" + name) }
    try wait(for: "a picture to be taken", log: daemon.errors) { fixtures.names(in: "in/working").count == 1 }
    daemon.kill(SIGTERM)
    #expect(try daemon.end() == 0, "\(daemon.errors)")
    let (done, left) = (
      fixtures.names(in: "in/done"), fixtures.names(in: "in").filter { $0.hasSuffix(".png") }
    )
    #expect(done.count == 1 && left.count == 2 && fixtures.names(in: "in/working") == [])
    #expect(fixtures.names(in: "in/kernels").count == 4)
  }
}

/// Sends pictures to an estimator and keeps its replies.
private final class Sender: Sendable {
  private let kept = Monitor<[EstimatorReply]>([])
  private let dealer: Dealer

  init(_ endpoint: String) throws {
    dealer = try Dealer(Context(), connectingTo: endpoint) { [kept] event in
      guard case .received(let bytes) = event, let reply = try? EstimatorReply(decoding: bytes) else {
        return
      }
      kept.update { $0.append(reply) }
    }
  }

  deinit { dealer.close() }

  var replies: [EstimatorReply] { kept.update { $0 } }

  func send(_ request: EstimatorRequest) throws {
    let bytes = request.encoded()
    try wait(for: "a connection") { dealer.send(bytes) }
  }
}
