import Foundation
import RunDirectory
import Testing

/// One coordinator at a time, and everyone knows which.
@Suite struct RunLeaseTests {
  private let run: TemporaryRun
  private var folder: RunFolder { run.folder }

  init() throws { run = try TemporaryRun() }

  @Test func `a second holder is refused by the first one's name`() throws {
    let before = Date()
    let holder = try Holder(folder)
    #expect(try holder.incarnation() == 1)
    let error = #expect(throws: RunDirectoryError.self) { try RunLease(folder) }
    guard case .leaseTaken(folder.path, let named?) = error else {
      Issue.record("\(error.debugDescription)")
      return
    }
    #expect(named.pid == holder.pid && named.host == ProcessInfo.processInfo.hostName)
    let since = try Date(named.since, strategy: .iso8601)
    // The text has whole seconds.
    #expect(since >= before.addingTimeInterval(-1) && since <= Date())
    #expect(
      error?.description
        == "cannot train in \"\(folder.path)\": it is in use by process \(named.pid) on host \"\(named.host)\" "
        + "since \"\(named.since)\"; stop that one first, or name another folder with --run")
  }

  @Test func `a second holder in the same process is refused`() throws {
    let lease = try RunLease(folder)
    #expect(errorText { try RunLease(folder) }.contains("process \(getpid()) on host"))
    #expect(lease.isHeld)
    #expect(
      try String(contentsOfFile: folder.incarnation, encoding: .utf8) == "1\n", "refused before it counts")
  }

  @Test func `a holder that has not signed yet is not mistaken for another`() throws {
    let lease = try RunLease(folder)
    try FileHandle(forWritingTo: URL(filePath: folder.lease)).truncate(atOffset: 0)
    #expect(errorText { try RunLease(folder) }.contains("in use by a process that is just starting; stop"))
    #expect(lease.isHeld)
  }

  @Test func `kill -9 frees the lease at once and leaves whole checkpoints only`() throws {
    var last: UInt64 = 0
    for round in 0..<12 {
      let holder = try Holder(folder)
      // The even ones are killed while they write, the odd ones anywhere from their start on.
      if round % 2 == 0 { #expect(try holder.incarnation() == last + 1) }
      usleep(.random(in: 0...40_000))
      let said = holder.kill().split(separator: "\n").compactMap { UInt64($0) }
      let lease = try RunLease(folder)
      #expect(lease.incarnation > max(last, said.first ?? 0))
      if round % 2 == 0 { #expect(lease.incarnation == last + 2) }
      last = lease.incarnation
      #expect(try names(folder.path).allSatisfy { !$0.hasPrefix(".") })
      #expect(try names(folder.checkpoints).allSatisfy { $0.hasPrefix("step-") })
      var store = CheckpointStore(lease)
      #expect(try store.newest(read)?.skipped.isEmpty != false)
    }
  }

  @Test func `an incarnation that was written and never used is not given again`() throws {
    try folder.create()
    try put("41\n", at: folder.incarnation)
    for expected in UInt64(42)...44 { #expect(try RunLease(folder).incarnation == expected) }
  }

  @Test(arguments: ["", "seven", "-1", "18446744073709551615"])
  func `an incarnation that is no number to count on from is an error`(text: String) throws {
    try folder.create()
    try put(text, at: folder.incarnation)
    for _ in 0..<2 {  // The first refusal must not keep the lease.
      #expect(
        errorText { try RunLease(folder) }
          == "cannot count on from \"\(folder.incarnation)\": it holds \"\(text)\" instead of a number; "
          + "write into it one greater than this run can have reached, for example 1000000")
    }
  }

  @Test func `a deleted or replaced lease file is noticed`() throws {
    let first = try RunLease(folder)
    var store = CheckpointStore(first)
    try store.write(content(1), step: 1, sidecar: [String: String]())
    try FileManager.default.removeItem(atPath: folder.lease)
    #expect(!first.isHeld)
    let second = try RunLease(folder)
    try second.publish(endpoint: "tcp://b:1")
    #expect(!first.isHeld && second.isHeld && second.incarnation == 2)
    let text =
      "cannot go on training in \"\(folder.path)\": its file 'lease' was replaced or deleted, so another process may "
      + "train there; stop all of them, then start one again"
    #expect(errorText { try store.write(content(2), step: 2, sidecar: [String: String]()) } == text)
    #expect(errorText { try first.publish(endpoint: "tcp://a:1") } == text)
    first.release()
    #expect(try folder.publishedAddress()?.incarnation == 2, "another's address is not ours to withdraw")
    #expect(try store.list().map(\.step) == [1] && second.isHeld)
  }

  @Test func `the address is there while its coordinator is`() throws {
    #expect(try folder.publishedAddress() == nil)
    let lease = try RunLease(folder)
    try lease.publish(endpoint: "tcp://a:1")
    try lease.publish(endpoint: "tcp://a:2")
    #expect(try folder.publishedAddress() == PublishedAddress(endpoint: "tcp://a:2", incarnation: 1))
    #expect(
      try String(contentsOfFile: folder.address, encoding: .utf8)
        == "{\n  \"endpoint\" : \"tcp://a:2\",\n  \"incarnation\" : 1\n}\n")
    lease.release()
    lease.release()
    #expect(try folder.publishedAddress() == nil && !lease.isHeld)
    #expect(try RunLease(folder).incarnation == 2)
  }

  @Test func `a killed coordinator's address stays and tells its incarnation`() throws {
    let holder = try Holder(folder)
    _ = try holder.incarnation()
    try eventually { try folder.publishedAddress() != nil }
    _ = holder.kill()
    let lease = try RunLease(folder)
    let stale = PublishedAddress(endpoint: "tcp://127.0.0.1:5001", incarnation: 1)
    #expect(try folder.publishedAddress() == stale && lease.incarnation == 2)
  }

  @Test func `a damaged address is an error`() throws {
    try folder.create()
    try put("{", at: folder.address)
    #expect(
      errorText(folder.publishedAddress)
        == "cannot read \"\(folder.address)\": it holds no endpoint and incarnation; "
        + "check the path, its permissions and the disk")
  }
}
