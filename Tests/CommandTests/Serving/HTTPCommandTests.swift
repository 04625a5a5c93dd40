import Checkpoints
import Foundation
import RunDirectory
import Support
import Testing

/// The program's HTTP side, as its users have it.
@Suite("metakernelgan serve --http", .serialized)
struct HTTPCommandTests {
  private let fixtures: Fixtures

  init() throws {
    fixtures = try Fixtures()
    try FileManager.default.createDirectory(atPath: fixtures.path("runs"), withIntermediateDirectories: true)
  }

  private func serve(_ more: String...) throws -> (program: RunningProgram, address: String) {
    let program = try RunningProgram(
      ["serve", "--runs", fixtures.path("runs"), "--listen", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0"]
        + more,
      environment: [:], errors: fixtures.folder.file(UUID().uuidString))
    try program.waitForError("usable by")
    let rest = try #require(program.errors.components(separatedBy: "the API at ").last)
    return (program, String(rest.prefix { $0 != "," }))
  }

  /// What a POST of the picture is answered with.
  private func post(_ picture: String, to url: String) throws -> (status: Int, body: Data) {
    let script = """
      import sys, urllib.request, urllib.error
      request = urllib.request.Request(sys.argv[1], open(sys.argv[2], 'rb').read(), {'Content-Type': 'image/png'})
      try: answer = urllib.request.urlopen(request, timeout=240)
      except urllib.error.HTTPError as error: answer = error
      open(sys.argv[3], 'wb').write(answer.read())
      print(answer.status)
      """
    let file = fixtures.path(UUID().uuidString)
    let run = try Python.run(["-c", script, url, picture, file])
    let status = try #require(
      Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(run.output)")
    return (status, try Data(contentsOf: URL(filePath: file)))
  }

  @Test(.enabled(if: Python.isPresent, "python3 is not there"))
  func givesWhatTheCommandsGive() throws {
    let (program, address) = try serve()
    let picture = try fixtures.picture("a.png")
    for (options, query) in [
      ([], ""), (["--scale", "4"], "scale=4&"),
      (["--mode", "paper", "--steps", "3", "--seed", "5"], "mode=paper&steps=3&seed=5&"),
    ] {
      let out = fixtures.path("out" + query)
      let run = try Program.run(["estimate", picture, "--format", "npy,png", "--out", out] + options)
      #expect(run.code == 0, "\(run.errors)")
      let scale = query.hasPrefix("scale") ? 4 : 2
      for format in ["npy", "png"] {
        let answer = try post(picture, to: "\(address)/api/v1/estimate?\(query)format=\(format)")
        let file = URL(filePath: out).appending(path: "a_kernel_x\(scale).\(format)")
        #expect(try answer.status == 200 && answer.body == Data(contentsOf: file), "\(query)\(format)")
      }
    }
    let run = try Program.run(["super-resolve", picture, "--out", fixtures.path("large")])
    #expect(run.code == 0, "\(run.errors)")
    let answer = try post(picture, to: "\(address)/api/v1/super-resolve")
    #expect(try answer.status == 200 && answer.body == fixtures.bytes("large/a_x2.png"))

    try Data("nothing".utf8).write(to: fixtures.folder.file("bad.png"))
    let refused = try post(fixtures.path("bad.png"), to: "\(address)/api/v1/estimate")
    #expect(
      refused.status == 415
        && String(decoding: refused.body, as: UTF8.self).contains(
          "cannot read picture 'request body': it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; "
            + "convert it to PNG"
        )
    )
    program.kill(SIGTERM)
    #expect(try program.end() == 0)
  }

  /// With USRNet's weights kernels are refined before they are undone, by both.
  @Test(
    .enabled(if: Python.isPresent, "python3 is not there"),
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func enlargesAsTheCommandDoesWithUSRNet() throws {
    let weights = SharedData.reference("usrnet_tiny.safetensors").path
    let (program, address) = try serve("--sr-weights", weights)
    let picture = try fixtures.picture("a.png")
    let run = try Program.run([
      "super-resolve", picture, "--sr-weights", weights, "--out", fixtures.path("large"),
    ])
    #expect(run.code == 0, "\(run.errors)")
    let answer = try post(picture, to: "\(address)/api/v1/super-resolve")
    #expect(try answer.status == 200 && answer.body == fixtures.bytes("large/a_x2.png"))
    withExtendedLifetime(program) {}
  }

  @Test func saysWhatItExposesAndWhatItCannot() throws {
    let (program, address) = try serve()
    #expect(
      program.errors.contains(
        "serving a page of 0 checkpoints of 0 runs and the API at \(address), usable by every user of this machine\n"
      ))
    for (arguments, code, text) in [
      (["--http", "8080"], Int32(69), "it is not HOST:PORT"),
      (["--http", String(address.dropFirst(7))], 69, "Address already in use"),
      (["--http", "127.0.0.1:0", "--sr-weights", "none"], 78, "none"),
      (["--jobs", "0"], 64, "--jobs must be"),
    ] {
      let run = try Program.run(
        ["serve", "--runs", fixtures.path("runs"), "--listen", "tcp://127.0.0.1:*"] + arguments)
      #expect(run.code == code && run.errors.contains(text), "\(run.errors)")
    }
  }

  private static let tool = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/schemathesis").path

  /// Schemathesis sends what the description allows, and what it does not, and looks at the answers. The seed makes a run
  /// like the last. That what it allows is accepted is not asked: no schema can say that a body is a picture.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: tool + "/schemathesis"),
      "schemathesis is not there; scripts/setup --tests"))
  func answersAsItsDescriptionSays() throws {
    var store = CheckpointStore(try RunLease(RunFolder(fixtures.path("runs/mine"))))
    _ = try store.write(
      Array(try Data(contentsOf: URL(filePath: fixtures.checkpoint))), step: 1, sidecar: [String: String]())
    let (program, address) = try serve()
    let run = try Python.run([
      "-c",
      "import os, sys; os.chdir(sys.argv.pop(1)); sys.path.insert(0, sys.argv.pop(1)); "
        + "from schemathesis.cli import schemathesis; schemathesis()",
      fixtures.path(""),
      Self.tool, "run", address + "/api/v1/openapi.yaml", "--url", address, "--exclude-path",
      "/api/v1/events",
      "--phases", "coverage,fuzzing", "--max-examples", "3", "--seed", "1", "--generation-database", "none",
      "--no-color", "--exclude-checks", "positive_data_acceptance", "--suppress-health-check", "all",
      "--request-timeout", "240",
    ])
    #expect(run.code == 0, "\(run.output)")
    withExtendedLifetime(program) {}
  }
}
