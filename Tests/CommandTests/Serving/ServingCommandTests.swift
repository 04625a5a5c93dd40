import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import MetaLearning
import Platform
import RunDirectory
import Support
import Testing
import Transport

@Suite("metakernelgan serve, estimate --from, estimator", .tags(.slow), .serialized)
struct ServingCommandTests {
  let fixtures: Fixtures
  private let run: RunFolder
  private var store: CheckpointStore
  private var cache: String { fixtures.path("cache") }

  init() throws {
    fixtures = try Fixtures()
    run = RunFolder(fixtures.path("runs/mine"))
    store = CheckpointStore(try RunLease(run))
  }

  /// Writes an untrained checkpoint of its own.
  /// - Returns: its SHA-256.
  private mutating func write(step: Int) throws -> String {
    var settings = TrainingSettings()
    settings.seed = UInt64(step)
    let path = try store.write(
      TrainingState(settings).encoded(data: "none"), step: step, sidecar: [String: String]())
    return try SHA256.hex(ofFile: path)
  }

  private func start(_ arguments: [String], _ name: String) throws -> RunningProgram {
    try RunningProgram(arguments, environment: [:], errors: fixtures.folder.file(name))
  }

  private func serve(at address: String = "tcp://127.0.0.1:*") throws -> (
    program: RunningProgram, endpoint: String
  ) {
    let program = try start(
      ["serve", "--runs", fixtures.path("runs"), "--listen", address, "--http", "off"], UUID().uuidString)
    try program.waitForError("readable by")
    let rest = try #require(program.errors.components(separatedBy: " at ").last)
    return (program, String(rest.prefix { $0 != "," }))
  }

  private func estimate(_ picture: String, from source: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      [
        "estimate", picture, "--from", source, "--cache", cache, "--steps", "2", "--out",
        fixtures.path("out"),
      ] + more)
  }

  @Test mutating func estimatesFromAPublisherAndWithoutIt() throws {
    let hash = try write(step: 7)
    let (publisher, endpoint) = try serve()
    #expect(
      publisher.errors
        == "serving 1 checkpoint of 1 run (mine) at \(endpoint), readable by every user of this machine\n")
    let picture = try fixtures.picture("a.png")
    let online = try estimate(picture, from: endpoint + "#mine/latest", "--json")
    #expect(
      online.code == 0 && online.errors == "checkpoint sha256 \(hash) (run mine, step 7)\n",
      "\(online.errors)")
    #expect(online.output.contains("\"sha256\":\"\(hash)\""))
    let unknown = try estimate(picture, from: endpoint + "#other/latest")
    #expect(
      unknown.code == 78
        && unknown.errors
          == "metakernelgan: cannot fetch a checkpoint from \(endpoint): no run other is served here, only: mine\n"
    )
    publisher.kill(SIGTERM)
    #expect(try publisher.end() == 0)

    let offline = try estimate(picture, from: endpoint + "#mine/latest")
    #expect(offline.code == 0, "\(offline.errors)")
    #expect(offline.errors.hasPrefix("checkpoint sha256 \(hash) (run mine, step 7) from the cache, as of "))
    let nothing = try estimate(picture, from: endpoint + "#best")
    #expect(nothing.code == 78 && nothing.errors.contains("nobody answered for 5 s"), "\(nothing.errors)")
  }

  @Test func optionsThatContradictOrMakeNoSense() throws {
    let picture = try fixtures.picture("a.png")
    for (arguments, text) in [
      (
        ["estimate", picture, "--from", "tcp://h:1", "--checkpoint", "x"], "--from and --checkpoint both name"
      ),
      (["estimate", picture, "--from", "h:1"], "it is not tcp://HOST:PORT"),
      (["estimator", "--from", "tcp://h:1"], "Give --watch, --listen or both."),
      (["estimator", "--listen", "tcp://127.0.0.1:*", "--out", "x"], "--out is for --watch."),
    ] {
      let run = try Program.run(arguments)
      #expect(run.code == 64 && run.errors.contains(text), "\(run.errors)")
    }
    let missing = try Program.run(["serve", "--runs", fixtures.path("none")])
    #expect(missing.code == 78 && missing.errors.contains("No such file or directory"))
    let nowhere = try Program.run([
      "serve", "--runs", fixtures.path("runs"), "--insecure", "--listen", "tcp://192.0.2.1:5556",
    ])
    #expect(nowhere.code == 69 && nowhere.errors.contains("cannot listen at"), "\(nowhere.errors)")
  }

  /// The publisher's process is killed while a hundred estimators are fetching, and another takes its place.
  @Test mutating func aPublisherKilledInTheMiddleCostsARetry() throws {
    _ = try write(step: 1)
    let (victim, endpoint) = try serve()
    let outcome = Monitor<Int?>(nil)
    let crowd = try FetcherCrowd(Context(), endpoint, count: 100)
    let before = Self.ticks(victim.identifier)
    Thread {
      let wrong = (try? crowd.fetch())?.wrong ?? -1
      outcome.update { $0 = wrong }
    }.start()
    // All together take it far more than three hundredths of a second.
    try wait(for: "the fetching to begin") {
      Self.ticks(victim.identifier) > before + 3 || outcome.update { $0 } != nil
    }
    victim.kill(SIGKILL)
    #expect(try victim.end() == -SIGKILL)
    let (successor, _) = try serve(at: endpoint)
    try wait(for: "all fetchers") { outcome.update { $0 } != nil }
    #expect(outcome.update { $0 } == 0)
    withExtendedLifetime(successor) {}
  }

  /// Processor time of a process, in hundredths of a second.
  private static func ticks(_ process: Int32) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 14 ? (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0) : 0
  }

  /// Two hundred peers that ask for much and read nothing, connect and say nothing, or stop within a message.
  @Test mutating func peersThatDoNotReadOrSpeakHalfKeepNobodyWaiting() throws {
    let hash = try write(step: 1)
    let (publisher, endpoint) = try serve()
    let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
    let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
    let silent = try (0..<100).map { try RawPeer(port: port, saying: $0 % 2 == 0 ? [] : greeting) }
    let context = try Context()
    let greedy = try (0..<100).map { _ in try GreedyPeer(context, endpoint, hash) }
    let begin = ContinuousClock.now
    #expect(try FetcherCrowd(context, endpoint, count: 10).fetch().wrong == 0)
    // Fourteen megabytes take a tenth of a second; the rest is for a busy machine. Waiting for a bad peer would be
    // waiting for its ten seconds of silence, or for ever.
    #expect(ContinuousClock.now - begin < .seconds(8))
    // All have the same chunks queued, and these are there once.
    #expect(try Self.megabytes(publisher.identifier) < 300)
    withExtendedLifetime((silent, greedy)) {}
  }

  /// Memory a process has resident.
  private static func megabytes(_ process: Int32) throws -> Double {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) })
      / 1024
  }

  /// New checkpoints appear while pictures come in both ways: none fails, and each result is what its checkpoint gives.
  @Test mutating func checkpointsAreSwappedUnderLoad() throws {
    var hashes = [try write(step: 1)]
    let (publisher, endpoint) = try serve()
    let watched = fixtures.path("in")
    let daemon = try start(
      [
        "estimator", "--from", endpoint, "--cache", cache, "--watch", watched, "--listen",
        "tcp://127.0.0.1:*", "--steps",
        "20", "--jobs", "2",
      ], "daemon")
    try daemon.waitForError("from the next picture on")
    let sender = try Sender(Self.address(daemon))
    let picture = try fixtures.picture("source.png")
    let bytes = Array(try fixtures.bytes("source.png"))
    for round in 1...3 {
      for number in 0..<8 {
        try FileManager.default.copyItem(atPath: picture, toPath: "\(watched)/\(round)-\(number).png")
        try sender.send(EstimatorRequest(UInt64(round * 100 + number), name: "sent.png", picture: bytes))
      }
      if round < 3 {
        hashes.append(try write(step: round + 1))
        try daemon.waitForError("from the next picture on", count: round + 1)
      }
    }
    try wait(for: "all pictures", log: daemon.errors) {
      sender.replies.count == 24 && Self.names(watched + "/done").count == 24
    }
    #expect(Self.names(watched + "/failed") == [])
    var kernels = Set<String>()
    for reply in sender.replies {
      guard case .report(let hash, let json) = reply.body else {
        Issue.record("\(reply)")
        continue
      }
      #expect(hashes.contains(hash) && json.contains(hash))
      kernels.insert(hash)
    }
    for (round, hash) in hashes.enumerated() {
      let expected = fixtures.path("by-\(round)")
      let alone = try Program.run(
        [
          "estimate", picture, "--steps", "20", "--checkpoint", "\(cache)/\(hash).safetensors", "--out",
          expected,
        ])
      #expect(alone.code == 0, "\(alone.errors)")
      for name in Self.names(watched + "/kernels") where name.hasSuffix(".json") {
        let stem = String(name.dropLast(5))
        let report = try String(contentsOfFile: "\(watched)/kernels/\(name)", encoding: .utf8)
        guard report.contains(hash) else { continue }
        kernels.insert(hash)
        #expect(
          try fixtures.bytes("in/kernels/\(stem).npy") == fixtures.bytes("by-\(round)/source_kernel_x2.npy"))
      }
    }
    #expect(kernels.count >= 2, "the swaps took place under load")
    daemon.kill(SIGTERM)
    #expect(try daemon.end() == 0, "\(daemon.errors)")
    withExtendedLifetime(publisher) {}
  }

  /// SIGTERM lets the picture at hand finish; the others stay where they are. What fails goes aside with its reason.
  @Test func terminationFinishesThePictureAtHand() throws {
    let watched = fixtures.path("in")
    try FileManager.default.createDirectory(atPath: watched, withIntermediateDirectories: true)
    try Data("no picture".utf8).write(to: fixtures.folder.file("in/0.png"))
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -9)]
    try FileManager.default.setAttributes(old, ofItemAtPath: watched + "/0.png")
    let daemon = try start(
      [
        "estimator", "--checkpoint", fixtures.checkpoint, "--watch", watched, "--steps", "3000", "--jobs",
        "1",
      ], "daemon")
    try wait(for: "the bad one to go aside", log: daemon.errors) {
      Self.names(watched + "/failed") == ["0.png", "0.png.reason.txt"]
    }
    #expect(
      try String(contentsOfFile: watched + "/failed/0.png.reason.txt", encoding: .utf8)
        == "cannot read picture '0.png': it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; "
        + "convert it to PNG\n"
    )
    for name in ["a.png", "b.png", "c.png"] { _ = try fixtures.picture("in/" + name) }
    try wait(for: "a picture to be taken", log: daemon.errors) { Self.names(watched + "/working").count == 1 }
    daemon.kill(SIGTERM)
    #expect(try daemon.end() == 0, "\(daemon.errors)")
    let (done, left) = (Self.names(watched + "/done"), Self.names(watched).filter { $0.hasSuffix(".png") })
    #expect(done.count == 1 && left.count == 2 && Self.names(watched + "/working") == [])
    #expect(Self.names(watched + "/kernels").count == 4)
  }

  /// What a training measured decides what is best, also for who serves its folder when it is over.
  @Test func aTrainingServesItsBest() throws {
    let scenario = try Scenario(steps: 8)
    let train = try scenario.start("train", "--workers", "1", "--serve", "tcp://127.0.0.1:*")
    try train.waitForError("readable by every user of this machine")
    try train.expectEnd(0)
    let folder = RunFolder(scenario.run)
    var best: (hash: String, psnr: Double)?
    for step in [4, 8] {
      guard let found = try folder.evaluation(ofStep: step) else { continue }
      if found.psnrAfter >= best?.psnr ?? 0 { best = (found.sha256, found.psnrAfter) }
    }
    let publisher = try start(
      ["serve", "--runs", scenario.run, "--listen", "tcp://127.0.0.1:*", "--http", "off"], "publisher")
    try publisher.waitForError("readable by")
    let run = try estimate(fixtures.picture("a.png"), from: Self.address(publisher) + "#best")
    #expect(
      run.code == 0 && run.errors.hasPrefix("checkpoint sha256 \(best?.hash ?? "none") "), "\(run.errors)")
  }

  /// The address in a line that names one.
  private static func address(_ program: RunningProgram) throws -> String {
    let rest = try #require(program.errors.components(separatedBy: " at tcp").last)
    return "tcp" + rest.prefix { $0 != "," }
  }

  private static func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
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
