import Foundation
import Platform
import RunDirectory
import Support
import Testing

/// Faults around a run: its clock, its data, its folder, its lease, its workers.
@Suite("Faults of a run", .tags(.slow), .serialized)
struct RunFaultTests {
  @Test(.enabled(if: Shim.isPossible, "\(Shim.impossible)"))
  func `a wall clock that goes back an hour disturbs nothing`() throws {
    let scenario = try Scenario(steps: 40)
    let shim = try Shim(Shim.clock)
    let trigger = scenario.folder.file("trigger")
    let train = try scenario.start(
      "train", "--workers", "2",
      environment: shim.environment.merging(["SHIM_TRIGGER": trigger.path]) { $1 })
    try wait(for: "a step and its status", log: train.errors) {
      try scenario.newestStep >= 2 && RunFolder(scenario.run).status() != nil
    }
    let before = try #require(try RunFolder(scenario.run).status())
    try Data().write(to: trigger)
    let changed = Date.now.timeIntervalSince1970 - 3000
    try wait(for: "a status after the change", log: train.errors) {
      guard let status = try RunFolder(scenario.run).status() else { return false }
      return status.updated < changed && status.step > before.step
    }
    try train.expectEnd(0)
    #expect(!scenario.log.contains("lost: it has not"))
    #expect(try scenario.result() == Undisturbed.result(after: 40))
    try scenario.expectNoLeftovers()
  }

  @Test func `pictures overwritten in place are noticed, built again, and change nothing`() throws {
    let scenario = try Scenario(steps: 40)
    let first = try scenario.start("train", "--workers", "1")
    try wait(for: "a step", log: first.errors) { scenario.newestStep >= 1 }
    let data = scenario.run + "/pictures.data"
    let file = try FileHandle(forWritingTo: URL(filePath: data))
    try file.seek(toOffset: 4096)
    try file.write(contentsOf: Data(count: 300_000))
    try file.close()
    try first.expectEnd(75)
    #expect(scenario.log.contains("cannot trust training data"))
    #expect(!FileManager.default.fileExists(atPath: data))
    let second = try scenario.start("train", "--workers", "2")
    try second.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 40))
  }

  @Test func `a training that cannot begin leaves no folder`() throws {
    let folder = try TemporaryFolder()
    let run = folder.file("a/b/run").path
    for arguments in [
      ["--data", folder.file("none").path], ["--set", "sed=4"], ["--preset", "pepar"],
      ["--data", folder.url.path],
    ] {
      let train = try Program.run(["train", "--run", run, "--workers", "0"] + arguments)
      #expect(train.code == 78)
      #expect(train.errorLines.count == 1, "\(train.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("a").path))
    }
    // A folder that was there stays, with what is in it.
    try FileManager.default.createDirectory(at: folder.file("a/b/run"), withIntermediateDirectories: true)
    try Data("note".utf8).write(to: folder.file("a/b/run/note"))
    #expect(try Program.run(["train", "--run", run, "--data", folder.file("none").path]).code == 78)
    #expect(FileManager.default.fileExists(atPath: folder.file("a/b/run/note").path))
  }

  @Test(.enabled(if: Shim.isPossible, "\(Shim.impossible)"))
  func `a training whose workers have all ended for good ends`() throws {
    let scenario = try Scenario(steps: 40)
    let shim = try Shim(Shim.wrongHash)
    let train = try scenario.start("train", "--workers", "2", environment: shim.environment)
    try train.expectEnd(70)
    #expect(train.errors.contains("all workers of this machine have ended for good, the first with code 78"))
    let status = try #require(try RunFolder(scenario.run).status())
    #expect(status.state == .failed && status.faults?.quarantines == 2)
    #expect(scenario.newestStep == 0)
    try scenario.expectNoLeftovers()
  }

  @Test func `another coordinator's lease is 75, at once or after waiting`() throws {
    let scenario = try Scenario(steps: 4)
    let first = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    try first.waitForError("listening at")
    let refused = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    try refused.expectEnd(75)
    #expect(refused.errors.contains("it is in use by process"))
    let second = try scenario.start("train", "--workers", "1", "--wait-for-lease", "200")
    try second.waitForError("waiting for the run, which is in use by process")
    first.kill(SIGKILL)
    try first.expectEnd(.died(of: SIGKILL))
    try second.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 4))
    #expect(try RunFolder(scenario.run).status()?.faults?.leaseWaits == 1)
  }

  @Test(arguments: [("run-id", "two words"), ("incarnation", "9223372036854775807")])
  func `a damaged file of the run is named`(name: String, content: String) throws {
    let scenario = try Scenario(steps: 1)
    try FileManager.default.createDirectory(atPath: scenario.run, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(filePath: scenario.run + "/" + name))
    let train = try scenario.start("train", "--workers", "1")
    try train.expectEnd(78)
    #expect(train.errors.contains("/\(name)\"") && train.errors.split(separator: "\n").count == 1)
  }

  @Test func `workers find the coordinator by the run's folder, and again when it moves`() throws {
    let scenario = try Scenario(steps: 24)
    // Before there is a coordinator, or a folder.
    let worker = try scenario.program(["worker", "--run", scenario.run, "--cores", "1"])
    let first = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    try wait(for: "a step", log: first.errors + worker.errors) { scenario.newestStep >= 2 }
    first.kill(SIGKILL)
    try first.expectEnd(.died(of: SIGKILL))
    let second = try scenario.start(
      "coordinator", "--listen", "tcp://127.0.0.1:*", "--advertise", "localhost")
    try second.expectEnd(0)
    try worker.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 24))
    try scenario.expectNoLeftovers()
  }
}
