import Foundation
import Platform
import RunDirectory
import Support
import Testing

/// Every run can be served, whatever its folder is called.
@Suite struct ServedNameTests {
  @Test(arguments: [
    ("runs/two", "two"), ("runs/two//", "two"), ("/a/best run", "best%20run"), ("100%", "100%25"),
    ("läuf", "l%C3%A4uf"), ("a\nb", "a%0Ab"),
  ])
  func `plain names stay and others are encoded`(path: String, name: String) {
    #expect(RunFolder(path).servedName == name)
  }

  @Test func `dots are where they lead`() throws {
    let folder = try TemporaryFolder()
    #expect(RunFolder(folder.url.path + "/.").servedName == folder.url.lastPathComponent)
    #expect(RunFolder("/").servedName.utf8.count >= 1)
  }

  /// Names of any bytes: always of the kind that travels, and never two alike.
  @Test func `names of any bytes are served apart`() {
    var names: Set<String> = []
    var count = 0
    for length in [1, 2, 40, 99, 100, 101, 255] {
      for seed in 0..<40 {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: ($0 + 1) &* (seed * 37 + 11) + seed) }
        let usable = bytes.map { $0 == 0 || $0 == UInt8(ascii: "/") ? 65 : $0 }
        if [[46], [46, 46]].contains(usable) { continue }
        let name = RunFolder("/runs/" + FileName.decode(usable)).servedName
        #expect((1...100).contains(name.utf8.count))
        #expect(name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
        if FileName.encode(RunFolder("/runs/" + FileName.decode(usable)).name) == usable {
          count += names.insert(name).inserted || length < 3 ? 0 : 1
        }
      }
    }
    #expect(count == 0, "two folders bear one name")
  }
}

@Suite struct FreshFolderTests {
  @Test func `what was made goes and what was there stays`() throws {
    let place = try TemporaryFolder()
    let run = RunFolder(place.file("a/b/run").path + "/")
    let fresh = FreshFolder(run)
    try run.create()
    try Data([1]).write(to: URL(filePath: run.log))
    fresh.remove()
    #expect(try names(place.url.path) == [])
    try run.create()
    FreshFolder(run).remove()
    #expect(try names(run.path) == ["checkpoints", "events"])
  }

  @Test func `a folder with a checkpoint stays`() throws {
    let place = try TemporaryFolder()
    let run = RunFolder(place.file("run").path)
    let fresh = FreshFolder(run)
    var store = CheckpointStore(try RunLease(run))
    try store.write(content(1), step: 1, sidecar: ["a": 1])
    fresh.remove()
    #expect(try run.checkpointFiles().map(\.step) == [1])
  }
}

@Suite struct LeaseWaitTests {
  @Test func `the lease is waited for and the wait is told once`() throws {
    let run = try TemporaryRun()
    let holder = try Holder(run.folder)
    #expect(try holder.incarnation() == 1)
    var told: [LeaseHolder?] = []
    #expect(throws: RunDirectoryError.self) { try RunLease(run.folder, waiting: 0.5) { told.append($0) } }
    #expect(told.map { $0?.pid } == [holder.pid])
    let killer = try NamedThread("killer") {
      usleep(300_000)
      _ = holder.kill()
    }
    let lease = try RunLease(run.folder, waiting: 200) { told.append($0) }
    #expect(lease.incarnation == 2 && told.count == 2)
    killer.join()
  }

  @Test(.enabled(if: Shim.isPossible, "\(Shim.impossible)"))
  func `a file system that keeps no locks is named`() throws {
    let run = try TemporaryRun()
    let shim = try Shim(Shim.noLocks)
    let path = URL(filePath: Program.path).deletingLastPathComponent().appending(path: "RunHolder").path
    let ended = try Program.run([run.folder.path], environment: shim.environment, at: path)
    #expect(ended.code == 1)
    #expect(ended.output.contains("its file system keeps no locks (flock): a lock is accepted and not kept"))
  }

  @Test(arguments: ["9007199254740992", "9223372036854775807", "18446744073709551615", "-1"])
  func `counts that no message can carry are refused`(count: String) throws {
    let run = try TemporaryRun()
    try run.folder.create()
    try put(count, at: run.folder.incarnation)
    #expect(errorText { try RunLease(run.folder) }.contains(count))
  }
}
