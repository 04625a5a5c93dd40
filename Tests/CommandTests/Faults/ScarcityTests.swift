import Foundation
import Platform
import Support
import Testing

/// Too little of what the system gives is a sentence and an exit code, never an abort.
@Suite("Scarcity", .tags(.slow), .serialized)
struct ScarcityTests {
  @Test(arguments: [
    ["train", "--workers", "1"],
    ["worker", "--coordinator", "tcp://127.0.0.1:21390", "--give-up-after", "0"],
    ["serve", "--http", "off", "--listen", "tcp://127.0.0.1:*"],
  ])
  func `few files`(arguments: [String]) throws {
    for limit in [6, 8, 10, 12, 18, 24] {
      let folder = try TemporaryFolder()
      let own = [
        "train": (option: "--run", name: "run"), "serve": (option: "--runs", name: ""),
      ]
      let run = try Program.run(
        arguments + (own[arguments[0]].map { [$0.option, folder.file($0.name).path] } ?? []),
        under: Program.shell("ulimit -n \(limit); exec timeout -s KILL 60 \"$@\""))
      // 127: the loader cannot even open the libraries.
      #expect(run.code.code > 0 && run.code != 137, "\(limit) files: \(run.code)")
      #expect(run.code == 127 || run.errorLines.count == 1, "\(limit) files: \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("run").path))
    }
  }

  /// A user of its own, since nobody limits root's processes.
  private static let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  static let canBeNobody = (try? Program.run(["--version"], under: nobody).code) == 0

  @Test(.enabled(if: canBeNobody, "needs root, and a build folder that others can read"))
  func `few processes and threads`() throws {
    for limit in [1, 2, 3, 5, 8, 12] {
      let folder = try TemporaryFolder()
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.url.path)
      let run = try Program.run(
        ["train", "--workers", "1", "--run", folder.file("run").path, "--steps", "1"],
        under: Self.nobody
          + Program.shell("ulimit -u \(limit); exec timeout -s KILL 120 \"$@\""))
      #expect(run.code.code > 0 && run.code != 137, "\(limit) processes: \(run.code)")
    }
  }

  static let filesAllowed: rlim_t = {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit.rlim_max
  }()

  /// Silent connections take files; checkpoints and new workers still get theirs.
  @Test(.enabled(if: filesAllowed >= 4096, "needs a hard limit of 4,096 open files"))
  func `more silent connections than the soft limit of files`() throws {
    FileLimit.raise()
    let scenario = try Scenario(steps: 1000)
    let train = try scenario.start(
      "train", "--workers", "1", "--set", "evaluation-tasks=0",
      under: Program.shell("ulimit -S -n 1024; exec \"$@\""))
    let port = try port(of: scenario.address(of: train))
    try train.waitForError("joined")
    let strangers = try (0..<1100).map { _ in try connectedSocket(port: port) }
    defer { for stranger in strangers { close(stranger) } }
    for process in scenario.computing { kill(process, SIGKILL) }
    try train.waitForError("joined", count: 2)
    let step = scenario.newestStep
    try wait(for: "two checkpoints", log: train.errors) { scenario.newestStep >= step + 2 }
    train.kill(SIGTERM)
    try train.expectEnd(75)
    try scenario.expectNoLeftovers()
  }

  /// Found by `cluster/chaos/chaos`: with no file left, libdispatch ended the server.
  @Test func `more strangers than files end no server`() throws {
    let scenario = try Scenario(steps: 1)
    let server = try scenario.program(
      [
        "serve", "--runs", scenario.folder.url.path, "--http", "127.0.0.1:0", "--listen", "tcp://127.0.0.1:*",
      ], under: Program.shell("ulimit -n 256; exec \"$@\""))
    try server.waitForError("http://127.0.0.1:")
    let ports = try ["tcp://127.0.0.1:", "http://127.0.0.1:"].map { place in
      let rest = try #require(server.errors.components(separatedBy: place).last)
      return try #require(UInt16(rest.prefix { $0.isNumber }))
    }
    var strangers: [Int32] = []
    defer { for stranger in strangers { close(stranger) } }
    for _ in 0..<15 {
      strangers += ports.flatMap { port in (0..<20).compactMap { _ in try? connectedSocket(port: port) } }
      // Half of the files for ZeroMQ, a quarter for HTTP.
      try wait(for: "files to be left", log: server.errors) {
        !server.isRunning || openFiles(of: server) < 220
      }
    }
    #expect(server.isRunning, "\(server.errors)")
    server.kill(SIGTERM)
    try server.expectEnd(0)
  }

  private func openFiles(of program: RunningProgram) -> Int {
    let folder = "/proc/\(program.identifier)/fd"
    return (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0
  }
}
