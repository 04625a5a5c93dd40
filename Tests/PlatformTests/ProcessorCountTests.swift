import Foundation
import Platform
import Support
import Testing

@Suite struct ProcessorCountTests {
  @Test(
    arguments: [
      (8, 8, nil, 8), (8, 3, nil, 3), (8, 8, 1.5, 2), (8, 2, 6.0, 2), (8, 8, 0.1, 1), (8, 0, nil, 8),
      (0, 0, nil, 1),
      (-1, 0, nil, 1),
    ] as [(Int, Int, Double?, Int)])
  func `the smallest limit counts`(online: Int, affinity: Int, quota: Double?, expected: Int) {
    #expect(ProcessorCount.count(online: online, affinity: affinity, quota: quota) == expected)
  }

  /// Files of control groups, versions 1 and 2, and what they come to.
  @Test(
    arguments: [
      ("0::/a/b", ["a/b/cpu.max": "150000 100000\n"], 1.5),
      ("0::/a/b", ["a/b/cpu.max": "max 100000\n", "a/cpu.max": "200000 100000\n"], 2),
      // In a container the path is that of the host, and the files lie at the root.
      ("0::/kubepods/pod1", ["cpu.max": "50000 100000\n"], 0.5),
      ("0::/", [:], nil), ("", [:], nil), ("garbage\n::\n", ["cpu.max": "x y\n"], nil),
      ("0::/", ["cpu.max": "0 100000\n"], nil), ("0::/", ["cpu.max": "100000 0\n"], nil),
      (
        "5:cpu,cpuacct:/x\n3:memory:/y\n",
        ["cpu,cpuacct/x/cpu.cfs_quota_us": "300000\n", "cpu,cpuacct/x/cpu.cfs_period_us": "100000\n"], 3
      ),
      ("5:cpu:/x", ["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"], nil),
      ("5:cpuset:/x", ["cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"], nil),
    ] as [(String, [String: String], Double?)])
  func quotas(membership: String, files: [String: String], expected: Double?) {
    #expect(ProcessorCount.quota(membership: membership) { files[$0] } == expected)
  }
}

@Suite struct TerminalTextTests {
  /// A peer's text can move no cursor and turn no line around.
  @Test func `controls are shown and lines stay`() {
    let text = shownLines("a\u{1B}[2Jb\r\nc\u{202E}d\u{7}\n")
    #expect(text == "a\\u{1B}[2Jb\\u{D}\nc\\u{202E}d\\u{7}\n")
  }
}

@Suite struct FolderRemovalTests {
  @Test func `links are not followed`() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try manager.createDirectory(at: folder.file("a/b"), withIntermediateDirectories: true)
    try manager.createDirectory(at: folder.file("kept"), withIntermediateDirectories: true)
    try Data([1]).write(to: folder.file("kept/file"))
    try Data([1]).write(to: folder.file("a/b/file"))
    try manager.createSymbolicLink(at: folder.file("a/link"), withDestinationURL: folder.file("kept"))
    Folder.remove(folder.file("a").path)
    #expect(try Folder.names(in: folder.url.path) == ["kept"])
    #expect(try Folder.names(in: folder.file("kept").path) == ["file"])
  }
}

@Suite struct ResourceTests {
  @Test func `what is there is enough`() throws {
    try Resources.require(files: 8, threads: 2)
    let error = #expect(throws: ResourceError.self) { try Resources.require(files: .max, threads: 0) }
    #expect(error?.description.contains("raise the limit (ulimit -n)") == true)
  }
}
