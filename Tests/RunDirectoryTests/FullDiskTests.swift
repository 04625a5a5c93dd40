import Foundation
import RunDirectory
import Support
import Testing

/// On a real file system of 256 KiB.
@Suite(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
struct FullDiskTests {
  private let none = [String: String]()

  @Test func `a full disk harms nothing, and an emptied one takes the next checkpoint`() throws {
    let disk = try SmallDisk(size: "256k")
    let folder = RunFolder(disk.path + "/run")
    var store = try CheckpointStore(RunLease(folder), retention: Retention(last: 2))
    let length = 76_000  // Three do not fit beside the log, without it they do.
    for step in [1, 2] { try store.write(content(step, length: length), step: step, sidecar: none) }
    try Data(count: 40_000).write(to: URL(filePath: folder.log))
    let before = try names(folder.checkpoints)
    let text = errorText { try store.write(content(3, length: length), step: 3, sidecar: none) }
    let file = folder.checkpoints + "/step-000000003.safetensors"
    #expect(
      text == "cannot write the checkpoint of step 3, \"\(file)\": No space left on device; "
        + "earlier checkpoints are untouched, free some space or check the permissions")
    #expect(try names(folder.checkpoints) == before && store.newest(read)?.step == 2)
    try FileManager.default.removeItem(atPath: folder.log)
    // As the caller does; a process that another test is just spawning may hold removed files open for a moment.
    eventually { (try? store.write(content(4, length: length), step: 4, sidecar: none)) != nil }
    #expect(try store.list().map(\.step) == [2, 4] && store.newest(read)?.step == 4)
  }

  @Test func `a predecessor's leftovers do not keep its successor out`() throws {
    let disk = try SmallDisk(size: "256k")
    let folder = RunFolder(disk.path + "/run")
    try RunLease(folder).release()
    try disk.fill("run/checkpoints/.partial-1")
    #expect(throws: (any Error).self, "nothing else fits") { try folder.saveConfiguration("steps: 1") }
    #expect(try RunLease(folder).incarnation == 2)
  }
}
