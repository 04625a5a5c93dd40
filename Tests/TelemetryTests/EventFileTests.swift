import Foundation
import Imaging
import Support
import Telemetry
import Testing

struct EventFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writer(firstStep: Int = 0) throws -> EventWriter {
    try EventWriter(folder: folder.url.path, firstStep: firstStep)
  }

  @Test func `is named as TensorBoard expects`() throws {
    let name = URL(filePath: try writer().path).lastPathComponent
    #expect(name.wholeMatch(of: /events\.out\.tfevents\.[0-9]{10}\..+\.[0-9]+/) != nil, "\(name)")
    #expect(name.hasSuffix(".\(getpid())"))
  }

  /// The bytes of each record, as protobuf's description has them.
  @Test func `holds version, start and scalar`() throws {
    let events = try writer(firstStep: 300)
    try events.scalar("loss", 1.5, step: 301, at: Date(timeIntervalSince1970: 2))
    let records = try RecordReader(path: events.path).records
    try #require(records.count == 3)
    #expect(records[0].suffix(15) == [0x1a, 13] + Array("brain.Event:2".utf8))
    #expect(records[1].suffix(7) == [0x10, 0xac, 0x02, 0x3a, 2, 0x08, 1])
    let time: [UInt8] = [0x09, 0, 0, 0, 0, 0, 0, 0, 0x40]
    let value: [UInt8] = [0x0a, 4] + Array("loss".utf8) + [0x15, 0, 0, 0xc0, 0x3f]
    #expect(records[2] == time + [0x10, 0xad, 0x02, 0x2a, 13, 0x0a, 11] + value)
  }

  @Test func `a zero is written out`() throws {
    let events = try writer()
    try events.scalar("loss", 0, step: 0)
    #expect(try RecordReader(path: events.path).records.last?.suffix(5) == [0x15, 0, 0, 0, 0])
  }

  @Test func `cut anywhere it keeps its whole records`() throws {
    let events = try writer()
    var ends: [Int] = []
    for step in 0..<5 {
      try events.scalar("a", Double(step), step: step)
      ends.append(try Data(contentsOf: URL(filePath: events.path)).count)
    }
    let file = Array(try Data(contentsOf: URL(filePath: events.path)))
    let whole = RecordReader(file).records
    #expect(whole.count == 7)
    for count in 0...file.count {
      let left = RecordReader(Array(file.prefix(count)))
      #expect(left.records == Array(whole.prefix(left.records.count)))
      #expect(max(left.records.count - 2, 0) == ends.count { $0 <= count }, "cut at \(count)")
    }
  }

  /// Even within one second, and after a clock that went astray.
  @Test func `later files sort behind earlier ones`() throws {
    try Data().write(to: folder.file("events.out.tfevents.4000000000.far.9"))
    for name in ["events.out.tfevents.x", "events.out.tfevents.99999999999999999999.a.1", "other"] {
      try Data().write(to: folder.file(name))
    }
    let paths = try (0..<3).map { _ in try writer().path }
    #expect(paths[0].contains("tfevents.4000000001."))
    #expect(paths == paths.sorted() && Set(paths).count == 3)
  }

  @Test func `a missing folder is named`() {
    let error = #expect(throws: TelemetryError.self) {
      try EventWriter(folder: "/nowhere/run", firstStep: 0)
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("cannot create event file '/nowhere/run/events.out.tfevents."))
    #expect(
      text.hasSuffix("': No such file or directory; check the folder, its permissions and the disk"),
      "\(text)")
  }
}
