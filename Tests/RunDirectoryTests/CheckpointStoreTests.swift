import Foundation
import RunDirectory
import Testing

@Suite struct CheckpointStoreTests {
  private let run: TemporaryRun
  private var checkpoints: String { run.folder.checkpoints }
  private let none = [String: String]()

  init() throws { run = try TemporaryRun() }

  private func path(_ name: String) -> String { checkpoints + "/" + name }

  private func path(_ step: Int) -> String { path(String(format: "step-%09d.safetensors", step)) }

  private func truncate(_ step: Int) throws {
    try FileHandle(forWritingTo: URL(filePath: path(step))).truncate(atOffset: 100)
  }

  @Test func `checkpoints are listed by step, other files are none`() throws {
    var store = try run.store(Retention(last: 9))
    #expect(try store.list() == [] && store.newest(read) == nil)
    for step in [2, 1_234_567_890, 12_000] { try store.write(content(step), step: step, sidecar: none) }
    for name in ["step-12.safetensors", "step-000000012.safetensors.bak", "step-+00000012.safetensors", "x"] {
      try put("", at: path(name))
    }
    try FileManager.default.createDirectory(atPath: path(13), withIntermediateDirectories: false)
    let list = try store.list()
    #expect(list.map(\.step) == [2, 12_000, 1_234_567_890])
    #expect(
      list.map(\.path) == ["000000002", "000012000", "1234567890"].map { path("step-\($0).safetensors") })
    #expect(list.allSatisfy { $0.size == 3_064 })
  }

  @Test func `the sidecar is for people`() throws {
    struct Sidecar: Encodable { let host: String, loss: Double, seconds: Double }
    var store = try run.store()
    let written = try store.write(
      content(7), step: 7, sidecar: Sidecar(host: "a", loss: .nan, seconds: 1.5))
    #expect(written == path(7))
    let text = try String(contentsOfFile: path("step-000000007.json"), encoding: .utf8)
    #expect(text == "{\n  \"host\" : \"a\",\n  \"loss\" : \"nan\",\n  \"seconds\" : 1.5\n}\n")
  }

  @Test func `a lost or impossible sidecar harms nothing`() throws {
    struct Impossible: Encodable {
      func encode(to encoder: any Encoder) throws { throw Damage(description: "impossible") }
    }
    var store = try run.store(Retention(last: 1))
    try store.write(content(1), step: 1, sidecar: ["old": 1])
    try store.write(content(1), step: 1, sidecar: Impossible())
    #expect(
      try names(checkpoints) == ["step-000000001.safetensors"],
      "a replaced checkpoint's sidecar is not its own")
    try FileManager.default.createDirectory(
      atPath: path("step-000000002.json"), withIntermediateDirectories: false)
    try store.write(content(2), step: 2, sidecar: none)
    try store.write(content(3), step: 3, sidecar: none)
    try FileManager.default.removeItem(atPath: path("step-000000003.json"))
    #expect(try store.newest(read)?.step == 3 && store.list().count == 1)
  }

  @Test func `a truncated newest one falls back and says so`() throws {
    var store = try run.store()
    for step in [10, 20, 30] { try store.write(content(step), step: step, sidecar: none) }
    try truncate(30)
    let found = try #require(try store.newest(read))
    #expect(found.step == 20 && found.path == path(20) && found.state == [UInt8](repeating: 20, count: 3_000))
    #expect(found.skipped == [SkippedCheckpoint(path: path(30), reason: "cut")])
  }

  @Test func `when all are damaged nothing is trained anew in silence`() throws {
    var store = try run.store()
    for step in [10, 20] { try store.write(content(step), step: step, sidecar: none) }
    try truncate(10)
    try truncate(20)
    #expect(
      errorText { try store.newest(read) }
        == "cannot resume from \"\(checkpoints)\": none of its checkpoints is good (2 tried, the newest: cut); "
        + "put a good one there, or start anew with another --run")
    #expect(try store.list().count == 2, "they stay for who wants to look at them")
  }

  @Test func `damaged ones do not push out the good ones that training went back to`() throws {
    var store = try run.store(Retention(last: 2))
    for step in [10, 20] { try store.write(content(step), step: step, sidecar: none) }
    try truncate(20)
    #expect(try store.newest(read)?.step == 10)
    try store.write(content(15), step: 15, sidecar: none)
    #expect(try store.list().map(\.step) == [10, 15, 20])
    try store.write(content(25), step: 25, sidecar: none)
    #expect(try store.list().map(\.step) == [15, 25])
  }

  @Test func `one that was damaged counts again once rewritten`() throws {
    var store = try run.store(Retention(last: 2))
    for step in [10, 20] { try store.write(content(step), step: step, sidecar: none) }
    try truncate(20)
    #expect(try store.newest(read)?.step == 10)
    for step in [20, 30] { try store.write(content(step), step: step, sidecar: none) }
    #expect(try store.list().map(\.step) == [20, 30])
    #expect(try store.newest(read)?.skipped == [])
  }

  @Test func `sidecars go with their checkpoints, others' files stay`() throws {
    var store = try run.store(Retention(last: 2, every: 30))
    try put("", at: path("notes.txt"))
    for step in stride(from: 10, through: 70, by: 10) {
      try store.write(content(step), step: step, sidecar: none)
    }
    let kept = ["030", "060", "070"].flatMap { ["step-000000\($0).json", "step-000000\($0).safetensors"] }
    #expect(try names(checkpoints) == ["notes.txt"] + kept)
  }

  @Test func `a write that fails leaves nothing behind and can be tried again`() throws {
    var store = try run.store(Retention(last: 1))
    try store.write(content(1), step: 1, sidecar: none)
    try FileManager.default.createDirectory(atPath: path(2), withIntermediateDirectories: false)
    #expect(
      errorText { try store.write(content(2), step: 2, sidecar: none) }
        == "cannot write the checkpoint of step 2, \"\(path(2))\": Is a directory; "
        + "earlier checkpoints are untouched, free some space or check the permissions")
    #expect(try names(checkpoints).count == 3 && store.newest(read)?.step == 1)
    try FileManager.default.removeItem(atPath: path(2))
    try store.write(content(2), step: 2, sidecar: none)
    #expect(try store.list().map(\.step) == [2])
  }

  @Test func `what killed predecessors began is removed, what others write is not`() throws {
    try run.folder.create()
    for place in [run.folder.path, checkpoints] { try put("half", at: place + "/.partial-123") }
    try put("", at: path("notes.partial"))
    let store = try run.store()
    #expect(try names(checkpoints) == ["notes.partial"])
    #expect(try names(run.folder.path) == ["checkpoints", "events", "incarnation", "lease"])
    try put("half", at: path(".partial-7"))
    #expect(throws: RunDirectoryError.self) { try RunLease(run.folder) }
    #expect(try names(checkpoints).contains(".partial-7"), "who is refused touches nothing")
    #expect(try store.list() == [])
  }
}
