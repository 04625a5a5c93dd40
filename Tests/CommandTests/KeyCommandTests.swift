import Foundation
import Support
import Testing

/// Keys on the command line: made, used, refused.
@Suite(.tags(.slow), .serialized) struct KeyCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var keys: String { folder.file("keys").path }

  @Test func `keys are made once and nobody else reads the secret ones`() throws {
    #expect(try Program.run(["keygen", "--out", folder.file("own").path]).code == 0)
    #expect(try Program.run(["keygen", "--cluster", keys]).code == 0)
    let secrets = ["own/secret.key", "keys/coordinator.key", "keys/worker.key", "keys/reader.key"]
    for file in secrets {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(file).path)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
    }
    let again = try Program.run(["keygen", "--cluster", keys])
    #expect(again.code == 73 && again.errors.contains("is there already and is not overwritten"))
    #expect(try Program.run(["keygen"]).code == 64)
  }

  @Test func `other machines are not listened to without keys`() throws {
    for command in [
      ["train", "--run", folder.file("run").path, "--listen"],
      ["train", "--run", folder.file("run").path, "--serve"],
      ["coordinator", "--run", folder.file("run").path, "--listen"],
      ["serve", "--runs", folder.url.path, "--http", "off", "--listen"], ["estimator", "--listen"],
    ] {
      for address in ["tcp://0.0.0.0:*", "tcp://[::]:*", "tcp://*:*"] {
        let outcome = try Program.run(command + [address])
        #expect(
          outcome.code == 64 && outcome.errors.contains("or --insecure"), "\(command): \(outcome.errors)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("run").path))
  }

  @Test func `a secret that others can read is not used`() throws {
    #expect(try Program.run(["keygen", "--cluster", keys]).code == 0)
    chmod(keys + "/coordinator.key", 0o644)
    let outcome = try Program.run(["serve", "--runs", folder.url.path, "--http", "off", "--keys", keys])
    #expect(
      outcome.code == 78 && outcome.errors.contains("others can read it (mode 644)"), "\(outcome.errors)")
  }

  @Test func `a training with keys comes to the same bytes`() throws {
    #expect(try Program.run(["keygen", "--cluster", keys]).code == 0)
    let scenario = try Scenario(steps: 12)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*", "--keys", keys)
    let address = try scenario.address(of: coordinator)
    let stranger = try scenario.program([
      "worker", "--coordinator", address, "--cores", "1", "--give-up-after", "3",
    ])
    #expect(try stranger.end() == 75, "\(stranger.errors)")
    let worker = try scenario.program(["worker", "--coordinator", address, "--cores", "2", "--keys", keys])
    #expect(try coordinator.end() == 0, "\(coordinator.errors)")
    #expect(try worker.end() == 0, "\(worker.errors)")
    #expect(scenario.log.contains("worker worker/"), "it bears its key's name")
    #expect(try scenario.result() == Undisturbed.result(after: 12))
    try scenario.expectNoLeftovers()
  }

  @Test func `a training with keys has workers of its own`() throws {
    #expect(try Program.run(["keygen", "--cluster", keys]).code == 0)
    let scenario = try Scenario(steps: 12)
    let train = try scenario.start("train", "--workers", "2", "--keys", keys)
    #expect(try train.end() == 0, "\(train.errors)")
    #expect(try scenario.result() == Undisturbed.result(after: 12))
    try scenario.expectNoLeftovers()
  }

  @Test func `checkpoints go only to whom the list names`() throws {
    #expect(try Program.run(["keygen", "--cluster", keys]).code == 0)
    let scenario = try Scenario(steps: 1)
    let train = try scenario.start("train", "--workers", "1")
    #expect(try train.end() == 0, "\(train.errors)")
    let publisher = try scenario.program([
      "serve", "--runs", scenario.run, "--http", "off", "--listen", "tcp://127.0.0.1:*", "--keys", keys,
    ])
    try publisher.waitForError("tcp://127.0.0.1:")
    let rest = try #require(publisher.errors.components(separatedBy: "tcp://127.0.0.1:").last)
    let source = "tcp://127.0.0.1:" + rest.prefix { $0.isNumber }
    let picture = scenario.pictures + "/1.png"
    func estimate(_ more: String...) throws -> Program.Outcome {
      try Program.run(
        [
          "estimate", picture, "--from", source, "--cache", folder.file("cache").path, "--out",
          folder.file("out").path,
        ]
          + more)
    }
    #expect(try estimate().code == 78)
    #expect(try Program.run(["keygen", "--cluster", folder.file("others").path]).code == 0)
    let foreign = try estimate(
      "--keys", folder.file("others").path, "--server-key", keys + "/coordinator.pub")
    #expect(foreign.code == 78 && foreign.errors.contains("it does not admit this key"), "\(foreign.errors)")
    let known = try estimate("--keys", keys)
    #expect(known.code == 0, "\(known.errors)")
    publisher.kill(SIGTERM)
    #expect(try publisher.end() == 0)
  }
}
