import Checkpoints
import Foundation
import RunDirectory
import Support
import Testing

/// The program's HTTP side, as its users have it.
@Suite("metakernelgan serve --http", .tags(.slow), .serialized)
struct HTTPCommandTests {
  private let fixtures: Fixtures

  init() throws {
    fixtures = try Fixtures()
    try FileManager.default.createDirectory(atPath: fixtures.path("runs"), withIntermediateDirectories: true)
  }

  /// Serves pictures alone.
  private func servePictures(_ more: String...) throws -> (program: RunningProgram, address: String) {
    let program = try RunningProgram(
      ["serve", "--http", "127.0.0.1:0"] + more, environment: [:],
      errors: fixtures.folder.file(UUID().uuidString))
    try program.waitForError("usable by")
    let rest = try #require(program.errors.components(separatedBy: "the API at ").last)
    return (program, String(rest.prefix { $0 != "," }))
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
  func `gives what the commands give`() throws {
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
  func `enlarges as the command does with USRNet`() throws {
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

  private struct Restored: Decodable {
    struct Picture: Decodable { let width: Int, height: Int, base64: Data }
    let kernelNpy: Data, kernelPicture: Picture, enlarged: Picture, bicubic: Picture?
  }

  /// One request gives what several commands give, and no run is needed for it.
  @Test(.enabled(if: Python.isPresent, "python3 is not there"))
  func `gives everything about a picture at once`() throws {
    let (program, address) = try servePictures()
    #expect(!program.errors.contains("tcp://"), "\(program.errors)")
    let picture = try fixtures.picture("a.png")
    for options in [
      ["estimate", "--format", "npy,png", "--sr-weights", "shipped"], ["super-resolve"],
    ] {
      let run = try Program.run([options[0], picture, "--out", fixtures.path("out")] + options.dropFirst())
      #expect(run.code == 0, "\(run.errors)")
    }
    let answer = try post(picture, to: "\(address)/api/v1/restore?compare=true")
    #expect(answer.status == 200)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let restored = try decoder.decode(Restored.self, from: answer.body)
    #expect(try restored.kernelNpy == fixtures.bytes("out/a_kernel_x2.npy"))
    #expect(try restored.kernelPicture.base64 == fixtures.bytes("out/a_kernel_x2.png"))
    #expect(try restored.enlarged.base64 == fixtures.bytes("out/a_x2.png"))
    #expect(restored.enlarged.width == 240 && restored.bicubic?.height == 180)
    let small = try post(picture, to: "\(address)/api/v1/restore")
    #expect(try decoder.decode(Restored.self, from: small.body).bicubic == nil)
    program.kill(SIGTERM)
    #expect(try program.end() == 0)
  }

  @Test(.enabled(if: Python.isPresent, "python3 is not there"))
  func `limits are options`() throws {
    let (program, address) = try servePictures("--max-megapixels", "1")
    let picture = try fixtures.picture("large.png", width: 300, height: 300)
    let refused = try post(picture, to: "\(address)/api/v1/super-resolve?scale=4&method=bicubic")
    #expect(refused.status == 413)
    #expect(try post(picture, to: "\(address)/api/v1/super-resolve?scale=2&method=bicubic").status == 200)
    let hurried = try servePictures("--max-seconds", "1")
    let late = try post(picture, to: "\(hurried.address)/api/v1/estimate?mode=paper&steps=1000")
    #expect(late.status == 504)
    try wait(for: "the work to be stopped", log: program.errors) {
      let script = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
      let metrics = try Python.run(["-c", script, hurried.address + "/metrics"]).output
      return metrics.contains("pictures_running 0.0")
    }
    withExtendedLifetime(program) {}
  }

  @Test func `serves nothing by accident`() throws {
    let open = fixtures.path("open-token")
    try Data(String(repeating: "x", count: 40).utf8).write(to: URL(filePath: open))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
    for (arguments, code, text) in [
      (["--http", "off"], Int32(64), "Nothing would be served"),
      (["--listen", "tcp://127.0.0.1:*"], 64, "name their folder with --runs"),
      (["--http", "0.0.0.0:0"], 78, "give --token-file, listen at 127.0.0.1, or write --insecure"),
      (["--http", "127.0.0.1:0", "--token-file", open], 78, "other users of this machine can read it"),
      (["--max-seconds", "0"], 64, "--max-seconds must be from 1 to 86400"),
      (["--runs", fixtures.path("runs"), "--listen", "off", "--http", "off"], 64, "Nothing would be served"),
    ] {
      let run = try Program.run(["serve"] + arguments)
      #expect(run.code == code && run.errors.contains(text), "\(run.errors)")
    }
    let program = try RunningProgram(
      ["serve", "--runs", fixtures.path("runs"), "--listen", "off", "--http", "0.0.0.0:0", "--insecure"],
      environment: [:], errors: fixtures.folder.file("insecure"))
    try program.waitForError("usable by everybody who can reach this address")
    #expect(!program.errors.contains("tcp://"))
  }

  @Test func `says what it exposes and what it cannot`() throws {
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
  func `answers as its description says`() throws {
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
