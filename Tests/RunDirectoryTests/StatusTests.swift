import Foundation
import RunDirectory
import Testing

/// What a run tells those who watch it.
@Suite struct StatusTests {
  private let run: TemporaryRun
  private let lease: RunLease

  init() throws {
    run = try TemporaryRun()
    lease = try RunLease(run.folder)
  }

  private var status: RunStatus {
    var status = RunStatus(name: "mine", algorithm: "meta", step: 7, steps: 100)
    (status.tasksPerSecond, status.updated, status.message) = (18.5, 1_700_000_000.25, "a \"word\"\n")
    status.losses = RunStatus.Losses(kernel: 0.25, generator: nil, discriminator: 0.5)
    status.noiseScale = RunStatus.NoiseScale(
      generator: 12.5, discriminator: nil, prediction: 3, sentence: "beyond")
    status.history = [RunStatus.Quality(step: 7, before: 35, after: 45)].compactMap { $0 }
    status.best = RunStatus.Checkpoint(step: 4, sha256: "ab")
    status.workers = [
      RunStatus.Worker(
        name: "w", host: "h", cores: 1, instructionSet: "avx2", stage: .quarantined, reason: "it lies",
        tasksPerSecond: 0, tasksDone: 3, retries: 2, silentFor: 1.5)
    ]
    status.kernels = [
      RunStatus.Kernels(
        step: 6, index: 1, truth: [0.25, 0.25, 0.25, 0.25], estimate: [1, .nan, 0, -0.123456], psnr: nil)
    ]
    return status
  }

  @Test func `reads back as it was written`() throws {
    #expect(try run.folder.status() == nil)
    try lease.publish(status)
    #expect(try run.folder.status() == status)
    #expect(status.kernels[0].side == 2 && status.kernels[0].estimate == [1, 0, 0, -0.12346])
    let text = try String(contentsOfFile: run.folder.statusFile, encoding: .utf8)
    #expect(text.contains("\"tasks_per_second\":18.5"), "keys as in everything that this program writes")
  }

  @Test func `leaves out what is not finite`() {
    #expect(RunStatus.Quality(step: 1, before: .nan, after: 1) == nil)
    #expect(RunStatus.Quality(step: 1, before: 1, after: .infinity) == nil)
  }

  @Test func `a reader never sees half of one`() throws {
    let short = status
    var long = status
    long.message = String(repeating: "x", count: 200_000)
    let isDone = DispatchSemaphore(value: 0)
    Thread { [lease, long] in
      for round in 0..<300 { try? lease.publish(round % 2 == 0 ? long : short) }
      isDone.signal()
    }.start()
    var seen = 0
    while isDone.wait(timeout: .now()) == .timedOut {
      if let found = try run.folder.status() {
        #expect(found == short || found == long)
        seen += 1
      }
    }
    #expect(seen > 0)
    #expect(try names(run.folder.path).filter { $0.hasPrefix(".partial") } == [])
  }

  @Test func `one of another version, a damaged one and a lost lease are told`() throws {
    let file = run.folder.statusFile
    try put("{\"version\":9}", at: file)
    #expect(
      errorText { try run.folder.status() }
        == "cannot read \"\(file)\": it is of version 9, this program reads 1; check the path, its permissions and the disk"
    )
    try put("{\"version\":1,", at: file)
    #expect(
      errorText { try run.folder.status() }
        == "cannot read \"\(file)\": it holds no status; check the path, its permissions and the disk")
    lease.release()
    #expect(errorText { try lease.publish(status) }.hasPrefix("cannot go on training in "))
  }
}
