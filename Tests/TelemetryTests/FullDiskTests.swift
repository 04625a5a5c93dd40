import Foundation
import Imaging
import Support
import Telemetry
import Testing

/// A disk that fills up and is emptied, played by other files under the writer's descriptor.
struct FullDiskTests {
  private let folder: TemporaryFolder
  private let events: EventWriter

  init() throws {
    folder = try TemporaryFolder()
    events = try EventWriter(folder: folder.url.path, firstStep: 0)
  }

  @Test func `a full disk is reported once and left behind`() throws {
    try events.scalar("a", 0, step: 0)
    for round in 1...2 {
      try whileDiskIsFull {
        let error = #expect(throws: TelemetryError.self) { try events.scalar("a", 1, step: 1) }
        #expect(
          error?.description == "cannot write event file '\(events.path)': No space left on device; "
            + "events are lost until it can be written again, so check the disk")
        try events.scalar("a", 2, step: 2)
        #expect(events.lostEvents == 2 * round)
      }
      try events.scalar("a", 3, step: 2 + round)
    }
    #expect(try RecordReader(path: events.path).records.count == 2 + 3)
  }

  @Test func `the head is made up for when the disk was full from the start`() throws {
    try whileDiskIsFull {
      #expect(throws: TelemetryError.self) { try events.scalar("a", 1, step: 1) }
    }
    try events.scalar("a", 2, step: 2)
    let records = try RecordReader(path: events.path).records
    #expect(records.count == 3)
    #expect(records.first?.suffix(13).elementsEqual("brain.Event:2".utf8) == true)
  }

  /// Half of a record gets through: to a file in memory that is sealed against growth.
  @Test func `a torn record is cut off`() throws {
    let disk = try Self.memoryFile(bytes: 8192)
    defer { close(disk) }
    let noise = (0..<64 * 64 * 3).map { _ in UInt8.random(in: .min ... .max) }
    try with(disk) {
      try events.scalar("a", 1, step: 1)
      #expect(throws: TelemetryError.self) {
        try events.image("picture", Picture(width: 64, height: 64, rgb: noise), step: 1)
      }
    }
    let reader = try RecordReader(path: "/dev/fd/\(disk)")
    #expect(reader.records.count == 3)
    #expect(reader.wholeBytes == Int(lseek(disk, 0, SEEK_END)))
  }

  /// A file that takes so many bytes and no more. Swift's Glibc lacks memfd_create and the names of its flags.
  private static func memoryFile(bytes: Int) throws -> Int32 {
    typealias Create = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
    let (allowSealing, addSeals, sealGrowth) = (UInt32(2), Int32(1033), Int32(4))
    let create = unsafeBitCast(try #require(dlsym(nil, "memfd_create")), to: Create.self)
    let file = create("disk", allowSealing)
    try #require(file >= 0 && ftruncate(file, off_t(bytes)) == 0 && fcntl(file, addSeals, sealGrowth) == 0)
    return file
  }

  private func whileDiskIsFull(_ body: () throws -> Void) throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    try with(full, body)
  }

  private func with(_ other: Int32, _ body: () throws -> Void) throws {
    let own = dup(events.descriptor)
    try #require(own >= 0 && dup2(other, events.descriptor) >= 0)
    defer {
      dup2(own, events.descriptor)
      close(own)
    }
    try body()
  }
}
