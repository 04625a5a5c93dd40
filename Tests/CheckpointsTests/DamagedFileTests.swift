import Checkpoints
import Foundation
import Support
import Testing

/// Whatever the bytes are, reading them gives tensors or a `CheckpointError`, never a crash.
@Suite struct DamagedFileTests {
  private static func file(_ header: String, data: Int = 0) -> [UInt8] {
    let count = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + header.utf8
      + Array(repeating: 0, count: data)
  }

  private static let sample = file(
    #"{"__metadata__":{"scale":"2"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#
      + #""b":{"dtype":"I64","shape":[],"data_offsets":[16,24]}}"#, data: 24)

  @Test func `every cut is truncation`() throws {
    for count in Self.sample.indices {
      let error = #expect(throws: CheckpointError.self) {
        try SafeTensors(bytes: Array(Self.sample[..<count]), file: "x")
      }
      guard case .truncated = error else {
        Issue.record("cut at \(count): \(String(describing: error))")
        continue
      }
    }
    expectError(
      #"cannot read "x": it is cut short, 4 of 24 bytes of its data are there; copy or fetch it again"#
    ) { try SafeTensors(bytes: Self.sample.dropLast(20), file: "x") }
  }

  @Test func `every changed byte is read or refused`() throws {
    let headerEnd = Self.sample.count - 24
    for position in 0..<headerEnd {
      for byte in UInt8.min ... .max {
        var bytes = Self.sample
        bytes[position] = byte
        do {
          let content = try SafeTensors(bytes: bytes, file: "x")
          #expect(content.tensors.values.allSatisfy { $0.shape.reduce($0.type.size, *) == $0.bytes.count })
        } catch is CheckpointError {}
      }
    }
  }

  private static let hugeSide = "4611686018427387904"  // 2^62: times 4 it wraps to zero

  @Test(arguments: [
    (#"[]"#, 0, "not a JSON object"),
    (#" {}"#, 0, "not a JSON object"),
    (#"{}{}"#, 0, "its header is wrong"),
    (#"{"a":1}"#, 0, #"at "a""#),
    (#"{"__metadata__":{"step":1}}"#, 0, #"at "__metadata__" "step""#),
    (#"{"a":{"dtype":"BF16","shape":[],"data_offsets":[0,4]}}"#, 4, "BF16 of shape [] does not fill"),
    (#"{"a":{"dtype":"","shape":[],"data_offsets":[0,2]}}"#, 2, #"this program does not read """#),
    (#"{"a":{"dtype":"F\n","shape":[],"data_offsets":[0,2]}}"#, 2, #"does not read "F\n""#),
    (#"{"a":{"dtype":"U8","shape":[1]}}"#, 1, #"at "a""#),
    (#"{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}"#, 1, "its header is wrong"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, 1, "[0] is no range"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}}"#, 2, "[2, 1] is no range"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, 1, "[-1, 0] is no range"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1]}}"#, 1, "F32 of shape [1] does not fill"),
    (#"{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}"#, 1, "does not fill"),
    (#"{"a":{"dtype":"U8","shape":[\#(hugeSide),4],"data_offsets":[0,0]}}"#, 0, "does not fill"),
    (#"{"a":{"dtype":"F32","shape":[\#(hugeSide)],"data_offsets":[0,0]}}"#, 0, "does not fill"),
    (#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, 0, "its header is wrong"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "begins at byte 1 of the data where 0"),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"#
        + #""data_offsets":[1,3]}}"#, 3, #"tensor "b" begins at byte 1 of the data where 2 is due"#
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"#
        + #""data_offsets":[1,2]}}"#, 2, "x"  // a hole or trailing bytes, by the one that the parser keeps
    ),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 3, "2 bytes follow its last tensor"),
  ])
  func `a header that lies is refused`(header: String, data: Int, part: String) {
    expectError(containing: part) { try SafeTensors(bytes: Self.file(header, data: data), file: "x") }
  }

  @Test func `headers beyond the limit are not believed`() {
    expectError(
      #"cannot read "x": not a valid safetensors file, a header of 8317697111234670112 bytes is beyond the "#
        + "format's limit of 100000000; fetch it again, or convert a PyTorch checkpoint with "
        + "scripts/convert_checkpoint.py first"
    ) { try SafeTensors(bytes: Array(" no tensors in here".utf8), file: "x") }
    let all = [UInt8](repeating: 255, count: 8)
    expectError(containing: "18446744073709551615 bytes") { try SafeTensors(bytes: all, file: "x") }
    expectError(containing: "0 of 8 bytes of its header") { try SafeTensors(bytes: [], file: "x") }
  }

  /// What people take for the file is named as what it is, with what to do.
  @Test(arguments: [
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), "Git LFS pointer",
      "git lfs pull"
    ),
    (Array("<!DOCTYPE html><html>".utf8), "web page", "download link"),
    (Array("\u{FEFF}\r\n <HTML lang='en'>".utf8), "web page", "download link"),
    ([0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0] as [UInt8], "zip archive", "scripts/convert_checkpoint.py FILE"),
    (
      [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9] as [UInt8], "pickle",
      "scripts/convert_checkpoint.py FILE"
    ),
  ])
  func `other formats are named`(bytes: [UInt8], name: String, advice: String) throws {
    expectError(containing: name) { try SafeTensors(bytes: bytes, file: "x") }
    expectError(containing: advice) { try SafeTensors(bytes: bytes, file: "x") }
    let folder = try TemporaryFolder()
    let path = folder.file("x.safetensors").path
    try Data(bytes + Array(repeating: 0, count: 2000)).write(to: URL(filePath: path))
    expectError(containing: name) { try SafeTensors(path: path) }
  }

  /// A header's length alone may look like another format's first bytes.
  @Test(arguments: [[0x50, 0x4B, 3, 4, 0, 0, 0, 0], [0x80, 2, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
  func `a header may begin as other formats do`(length: [UInt8]) {
    expectError(containing: "cut short") { try SafeTensors(bytes: length + Array("{}".utf8), file: "x") }
  }

  /// A file that claims an impossible header, or holds terabytes, is refused from its beginning, before anything of its
  /// size is allocated.
  @Test(arguments: [[255, 255, 255, 255, 255, 255, 255, 127], [2, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
  func `huge files are not allocated`(length: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.safetensors").path
    try Data(length + Array("{}".utf8)).write(to: URL(filePath: path))
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.truncate(atOffset: 1 << 42)  // sparse
    try handle.close()
    expectError(containing: length[0] == 2 ? "more than the" : "beyond the format's limit") {
      try SafeTensors(path: path)
    }
  }

  @Test func `hostile names stay on one line`() {
    let header = #"{"a\n\u001b[31m":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}"#
    expectError(containing: #""a\n\u{1B}[31m" begins"#) {
      try SafeTensors(bytes: Self.file(header, data: 2), file: "x")
    }
  }
}
