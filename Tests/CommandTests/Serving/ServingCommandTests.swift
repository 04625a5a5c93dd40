import Foundation
import RunDirectory
import Support
import Testing

/// Checkpoints on their way from a run's folder to whoever estimates with them.
@Suite("metakernelgan serve, estimate --from", .tags(.slow), .serialized)
struct ServingCommandTests {
  private var published: PublishedRun
  private var fixtures: Fixtures { published.fixtures }

  init() throws { published = try PublishedRun() }

  private func estimate(_ picture: String, from source: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      [
        "estimate", picture, "--from", source, "--cache", published.cache, "--steps", "2", "--out",
        fixtures.path("out"),
      ] + more)
  }

  @Test mutating func `estimates are made from a publisher, and from the cache without it`() throws {
    let hash = try published.write(step: 7)
    let (publisher, endpoint) = try published.serve()
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

  @Test func `options that contradict one another or make no sense are refused`() throws {
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

  /// What a training measured decides what is best, also for who serves its folder when it is over.
  @Test func `a training serves its best`() throws {
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
    let (publisher, endpoint) = try published.serve(scenario.run)
    let run = try estimate(fixtures.picture("a.png"), from: endpoint + "#best")
    #expect(
      run.code == 0 && run.errors.hasPrefix("checkpoint sha256 \(best?.hash ?? "none") "), "\(run.errors)")
    withExtendedLifetime(publisher) {}
  }
}
